"""What the layers of a network make of your photo: their maps, their sums, and what happens if one is cut.

Importing it loads no PyTorch; the functions that run a network import it when they are called.
"""
