"""The public site: pages and API over a portal's public folder, and nothing else."""
