"""A simulated Vermont: agencies' exports drawn from a documented model (docs/simulator.md), as a whole portal."""
