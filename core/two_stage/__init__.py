"""Two stages, and what came before."""
