import pytest
import torch

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def chgnet():
    from engine.potentials.chgnet import CHGNet

    return CHGNet("0.3.0")
