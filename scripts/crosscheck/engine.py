"""Loads .keras files and answers what they give, in Keras on the backend that KERAS_BACKEND names. A message and an answer are a line of JSON each."""

import json
import os
import sys

if os.environ["KERAS_BACKEND"] != "tensorflow":
    sys.modules["tensorflow"] = None  # it takes longer to import than all else

from build import outputs_of_file  # noqa: E402
from wire import as_array, as_data, single_thread  # noqa: E402

single_thread()
for line in sys.stdin:
    message = json.loads(line)
    try:
        given = outputs_of_file(message["file"], [as_array(each) for each in message["x"]], message["calls"])
        answer = {"outputs": [as_data(each) for each in given]}
    except Exception as error:  # noqa: BLE001
        answer = {"error": f"{type(error).__name__}: {str(error)[:300]}"}
    print("answer " + json.dumps(answer), flush=True)
