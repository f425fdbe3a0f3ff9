"""A data set on its way from its source to the accounted table, in which every row has its one outcome."""
