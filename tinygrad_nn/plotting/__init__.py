"""Figures, made with matplotlib; loaded only when one is made.

Examples
--------
>>> from tinygrad_nn import minimize
>>> from tinygrad_nn.plotting import plot_descent
>>> def f(x):
...     return (x - 3) ** 2 + 1
>>> axes = plot_descent(f, minimize(f, 0.0, lr=0.2))
>>> axes.get_title()
'converged after 31 steps'
"""

from .activations import plot_activation as plot_activation
from .activations import plot_activations as plot_activations
from .boundary import animate_boundary as animate_boundary
from .boundary import plot_boundary as plot_boundary
from .confusion import plot_confusion as plot_confusion
from .curves import plot_convergence as plot_convergence
from .curves import plot_cost as plot_cost
from .descent import gradient_norms as gradient_norms
from .descent import plot_descent as plot_descent
from .descent import plot_learning_rates as plot_learning_rates
from .files import save_figure as save_figure
from .histograms import plot_layer_activations as plot_layer_activations
from .histograms import plot_layer_gradients as plot_layer_gradients
from .losses import plot_cross_entropy as plot_cross_entropy
from .network import plot_network as plot_network
from .operations import plot_operation as plot_operation
from .surfaces import plot_contours as plot_contours
from .surfaces import plot_surface as plot_surface

__all__ = [
    "animate_boundary",
    "gradient_norms",
    "plot_activation",
    "plot_activations",
    "plot_boundary",
    "plot_confusion",
    "plot_contours",
    "plot_convergence",
    "plot_cost",
    "plot_cross_entropy",
    "plot_descent",
    "plot_layer_activations",
    "plot_layer_gradients",
    "plot_learning_rates",
    "plot_network",
    "plot_operation",
    "plot_surface",
    "save_figure",
]
