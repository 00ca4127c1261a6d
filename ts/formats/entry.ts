// `backtime/formats`: saved files, readers and all classes, imported statically. Service workers need
// it, because import() is forbidden there, and so does `fromState` in a page, which awaits nothing.
import * as forecasting from '../data/forecasting.ts';
import { FORECASTS } from '../data/forecastPart.ts';
import { READERS } from '../data/readersPart.ts';
import * as tableReaders from '../data/tableReaders.ts';
import { provideAllClasses } from '../model/provideAllClasses.ts';
import { SAVED_FILES } from '../model/savedFilesPart.ts';
import * as callbackFiles from './callbacks/callbackFiles.ts';
import { CALLBACK_FILES } from './callbacks/callbackFilesPart.ts';
import { HTML_FILES } from './html/htmlPart.ts';
import * as modelToHTML from './html/modelToHTML.ts';
import * as kerasFiles from './keras/kerasFiles.ts';
import { KERAS_FILES } from './keras/kerasPart.ts';
import * as onnxFiles from './onnx/onnxFiles.ts';
import { ONNX_FILES } from './onnx/onnxPart.ts';
import { PYTORCH_FILES } from './pytorch/pytorchPart.ts';
import * as pytorchWeights from './pytorch/pytorchWeights.ts';
import * as savedModel from './savedModel.ts';
import * as tfjsFiles from './tfjs/tfjsFiles.ts';
import { TFJS_FILES } from './tfjs/tfjsPart.ts';

provideAllClasses();
SAVED_FILES.provide(savedModel);
CALLBACK_FILES.provide(callbackFiles);
READERS.provide(tableReaders);
FORECASTS.provide(forecasting);
HTML_FILES.provide(modelToHTML);
KERAS_FILES.provide(kerasFiles);
ONNX_FILES.provide(onnxFiles);
PYTORCH_FILES.provide(pytorchWeights);
TFJS_FILES.provide(tfjsFiles);
