"""A Hugging Face Hub on loopback, for tests: the real client talks to it, faults on demand.

    with Hub() as hub:
        hub.add_token("hf_me", "me")
        commit = hub.put("me/net", {"model.safetensors": content})
        hub.fault(path="/lfs/", cut=1000)
        subprocess.run([...], env={**os.environ, **hub.env("hf_me"), "HF_HOME": fresh_folder})
        assert hub.log[-1].range

The client reads its environment when it is imported: run it in a process of its own.
"""

from hub.faults import Fault
from hub.server import Hub, Request
from hub.state import Commit

__all__ = ["Commit", "Fault", "Hub", "Request"]
