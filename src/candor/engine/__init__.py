"""Where tables are worked on: DuckDB or Spark, behind one boundary."""
