"""Transfer learning: a network that was trained on ImageNet learns a visitor's own classes.

A set of photos is split, a recipe says which part of the network trains and how, and the run is a generator of frozen
steps. Importing this package loads no PyTorch. Source: Yosinski et al. 2014, "How transferable are features in deep
neural networks?", arXiv 1411.1792.
"""
