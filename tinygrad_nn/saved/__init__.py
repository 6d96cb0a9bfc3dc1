"""One file that predicts: a model, and all that its predictions need.

Examples
--------
>>> import tempfile
>>> from tinygrad_nn import Trainer, load, nn, save
>>> from tinygrad_nn.data import Standardizer, load as load_data
>>> from tinygrad_nn.optim import Adam
>>> iris = load_data("iris")
>>> scaler = Standardizer().fit(iris.X)
>>> model = nn.MLP(4, [8, 3], seed=0)
>>> trainer = Trainer(model, nn.cross_entropy, Adam(model.parameters(), lr=0.05), seed=0)
>>> history = trainer.fit(scaler.transform(iris.X), iris.y, epochs=60, progress=False)
>>> with tempfile.TemporaryDirectory() as folder:
...     save(trainer, f"{folder}/iris.safetensors", data=iris, scaler=scaler)
...     predictor = load(f"{folder}/iris.safetensors")
>>> predictor.predict(iris.X[:1])
['setosa']
"""

from .predictor import Predictor as Predictor
from .saving import load as load
from .saving import save as save

__all__ = ["Predictor", "load", "save"]
