"""Training: take a batch, forward, backpropagate, update; over and over.

The four steps are recorded once and compiled where that is possible: see `Trainer`.

Examples
--------
>>> from tinygrad_nn import nn
>>> from tinygrad_nn.data import load
>>> from tinygrad_nn.optim import Adam
>>> from tinygrad_nn.train import Trainer
>>> X, y = load("xor")
>>> model = nn.MLP(2, [4, 1], activation="tanh", seed=0)
>>> optimizer = Adam(model.parameters(), lr=0.1)
>>> trainer = Trainer(model, nn.binary_cross_entropy_with_logits, optimizer)
>>> history = trainer.fit(X, y, epochs=60, progress=False)
>>> trainer.predict(X) == y
True
"""

from .callbacks import Training as Training
from .history import Epoch as Epoch
from .history import History as History
from .prediction import accuracy as accuracy
from .prediction import outputs as outputs
from .prediction import predict as predict
from .trainer import Trainer as Trainer

__all__ = ["Epoch", "History", "Trainer", "Training", "accuracy", "outputs", "predict"]
