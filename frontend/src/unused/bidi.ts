// Stands for bidi-js in the build: the map draws no text on its canvas, names are HTML and the browser orders them.
function unused(): never {
  throw new Error("this build of the map draws no text on its canvas");
}

export default function bidi(): Record<string, () => never> {
  return { getBidiCharTypeName: unused, getMirroredCharacter: unused, getEmbeddingLevels: unused };
}
