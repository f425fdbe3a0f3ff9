// Choosing with the mouse or a finger submits the form; who chooses with the keyboard passes through values on the way
// to one, and uses the button, which everybody keeps.

export function submitOnChange(form: HTMLFormElement): void {
  let byKeyboard = false;
  form.addEventListener("keydown", () => {
    byKeyboard = true;
  });
  form.addEventListener("pointerdown", () => {
    byKeyboard = false;
  });
  form.addEventListener("change", (event) => {
    const arrivedByKeyboard = event.target instanceof Element && event.target.matches(":focus-visible");
    if (!byKeyboard && !arrivedByKeyboard) form.requestSubmit();
  });
}
