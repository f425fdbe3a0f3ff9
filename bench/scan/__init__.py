"""How well the scan of published text finds what it looks for: invented narratives, labelled by how they were made."""
