"""Maps, charts and sheets, drawn from figures."""
