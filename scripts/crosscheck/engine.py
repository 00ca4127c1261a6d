"""Loads .keras files and answers what they give, in Keras on the backend that KERAS_BACKEND names. A message and an answer are a line of JSON each."""

import json
import os
import sys

from wire import as_array, as_data, import_keras, single_thread

# Each program runs once, so the time to compile it counts.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true")
import_keras()
from build import outputs_of_file  # noqa: E402

single_thread()
for line in sys.stdin:
    message = json.loads(line)
    try:
        given = outputs_of_file(message["file"], [as_array(each) for each in message["x"]], message["calls"])
        answer = {"outputs": [as_data(each) for each in given]}
    except Exception as error:  # noqa: BLE001
        answer = {"error": f"{type(error).__name__}: {str(error)[:300]}"}
    print("answer " + json.dumps(answer), flush=True)
