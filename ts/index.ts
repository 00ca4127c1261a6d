export {
  RecurrentNetwork,
  type RecurrentNetworkFitOptions,
  type RecurrentNetworkOptions,
} from './article/recurrentNetwork.ts';
export type { OneHotSequences } from './article/sequences.ts';
export type { WeightTensors } from './article/weights.ts';
export type { BackendName, BackendOptions, LoadOptions as LoadBackendOptions } from './backend/select.ts';
export { setBackend } from './backend/select.ts';
export type { WasmBuild } from './backend/wasm/features.ts';
export type { CallbackEvents, CallbackOf, CallbackState, EpochValues, Logs, TrainingPlan } from './callbacks/callback.ts';
export { History } from './callbacks/callback.ts';
export { EarlyStopping, type EarlyStoppingOptions } from './callbacks/earlyStopping.ts';
export { LearningRateScheduler, type LearningRateSchedulerOptions } from './callbacks/learningRateScheduler.ts';
export type { ModelInTraining } from './callbacks/modelInTraining.ts';
export type { MonitorOptions } from './callbacks/monitor.ts';
export type { Verbosity } from './callbacks/progress.ts';
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from './callbacks/reduceLROnPlateau.ts';
export { TerminateOnNaN, type TerminateOnNaNOptions } from './callbacks/terminateOnNaN.ts';
export { TrainingControl } from './control/trainingControl.ts';
export * from './core/errors.ts';
export { type CustomObjects, type RegisteredName, type RegisterOptions, type Registrable, registerClass } from './core/registerClass.ts';
export { setRandomSeed } from './core/seed.ts';
export type { FloatArray, JsonTensor, NestedArray, NumericArray, Tensor, TensorLike } from './core/tensor.ts';
export { setWarningHandler, type WarningHandler } from './core/warnings.ts';
export type { Backtest, BacktestOptions, Forecaster } from './data/backtest.ts';
export type { BatchRowsOptions, RowSource } from './data/batchRows.ts';
export { type BucketOptions, bucketBySequenceLength } from './data/bucketBySequenceLength.ts';
export {
  type ClassificationReport,
  type ClassificationReportOptions,
  type ClassScores,
  classificationReport,
} from './data/classificationReport.ts';
export type { ColumnDescription, ColumnKind } from './data/columnKinds.ts';
export { type ConfusionMatrixOptions, confusionMatrix } from './data/confusionMatrix.ts';
export { type CTCDecodeOptions, type CTCPath, ctcDecode } from './data/ctcDecode.ts';
export type { DataSource, ProgressOptions, ReadOptions } from './data/dataSource.ts';
export type { Forecast, ForecastOptions } from './data/forecast.ts';
export { type ForecastErrors, type ForecastErrorsOptions, forecastErrors } from './data/forecastErrors.ts';
export { backtest, forecast, timesAfter } from './data/lazyForecast.ts';
export {
  batchRows,
  readCoNLL,
  readCSV,
  readCSVRows,
  readFiles,
  readJSONLines,
  readNpy,
  readNpyRows,
  readNpz,
  readParquet,
  readParquetRows,
  readText,
  readTs,
  tableFromRows,
} from './data/lazyReaders.ts';
export type { MissingNumbers, TableCell } from './data/missing.ts';
export { type NaiveForecastOptions, naiveForecast } from './data/naiveForecast.ts';
export type { PaddableSequence, PadSequencesOptions, SequenceSide } from './data/padSequences.ts';
export { padSequences } from './data/padSequences.ts';
export type { DateOrder } from './data/parseDates.ts';
export type { RandomAccessFile } from './data/randomAccess.ts';
export type { CoNLLOptions } from './data/readCoNLL.ts';
export type { CSVOptions } from './data/readCSV.ts';
export type { ReadFilesOptions } from './data/readFiles.ts';
export type { JSONLinesOptions } from './data/readJSONLines.ts';
export type { Hyparquet, ParquetOptions } from './data/readParquet.ts';
export type { ReadTextOptions } from './data/readText.ts';
export type { TimeSeriesSamples } from './data/readTs.ts';
export type { Resampled, ResampleOptions } from './data/resample.ts';
export type { ColumnClasses, DatesOptions, NumbersOptions, Table, TimeStepsOptions } from './data/table.ts';
export type { SkippedRow, TableFormat } from './data/tableFormat.ts';
export type { TableFromRowsOptions, TableRow } from './data/tableFromRows.ts';
export type { TableWindows, TableWindowsOptions } from './data/tableWindows.ts';
export type { TimeSteps } from './data/timeSteps.ts';
export type { TimesAfterOptions } from './data/timesAfter.ts';
export type { TimeseriesDataset } from './data/timeseriesDataset.ts';
export { type TimeseriesDatasetOptions, timeseriesDatasetFromArray } from './data/timeseriesDatasetFromArray.ts';
export { toCategorical } from './data/toCategorical.ts';
export type { TrainValidationSplitOptions } from './data/trainValidationSplit.ts';
export { trainValidationSplit } from './data/trainValidationSplit.ts';
export type { BatchesLike, BatchLike } from './feed/batches.ts';
export type { InputsLike, WeightsLike } from './feed/checkData.ts';
export type { ClassWeight } from './feed/classWeight.ts';
export type { GivenDataset } from './feed/givenDataset.ts';
export { BackupAndRestore, type BackupAndRestoreOptions, type BackupStorage } from './formats/callbacks/backupAndRestore.ts';
export { CSVLogger, type CSVLoggerOptions } from './formats/callbacks/csvLogger.ts';
export type { WriteEvents } from './formats/callbacks/eventFile.ts';
export {
  type CheckpointMoment,
  ModelCheckpoint,
  type ModelCheckpointOptions,
  type SaveCheckpoint,
} from './formats/callbacks/modelCheckpoint.ts';
export { TensorBoard, type TensorBoardOptions } from './formats/callbacks/tensorBoard.ts';
export type { HTMLInput, HTMLOptions } from './formats/html/modelToHTML.ts';
export { loadModel, modelToBytes, modelToHTML } from './formats/lazy.ts';
export type { ModelSource } from './formats/modelFormat.ts';
export type { LoadOptions } from './formats/savedModel.ts';
export { Activation } from './layers/activation.ts';
export type { ActivationFunction, ActivationLike } from './layers/activationFunction.ts';
export type { ActivationName, ElementwiseName } from './layers/activations.ts';
export { ActivityRegularization, type ActivityRegularizationOptions } from './layers/activityRegularization.ts';
export { AdditiveAttention, type AdditiveAttentionOptions } from './layers/additiveAttention.ts';
export { AlphaDropout } from './layers/alphaDropout.ts';
export { Attention, type AttentionOptions, type ScoreMode } from './layers/attention.ts';
export type { AxesOptions } from './layers/axesNormalization.ts';
export { BatchNormalization, type BatchNormalizationOptions } from './layers/batchNormalization.ts';
export { Bidirectional, type BidirectionalOptions, type MergeMode } from './layers/bidirectional.ts';
export { CategoryEncoding, type CategoryEncodingOptions } from './layers/categoryEncoding.ts';
export {
  type AnyCell,
  Cell,
  GRUCell,
  type GRUCellOptions,
  LSTMCell,
  type LSTMCellOptions,
  SimpleRNNCell,
  type SimpleRNNCellOptions,
  StackedRNNCells,
} from './layers/cells.ts';
export { Concatenate, type ConcatenateOptions } from './layers/concatenate.ts';
export {
  type Axes,
  Constraint,
  MaxNorm,
  type MaxNormOptions,
  MinMaxNorm,
  type MinMaxNormOptions,
  NonNeg,
  UnitNorm,
  type UnitNormOptions,
} from './layers/constraints.ts';
export { Conv1D, type Conv1DOptions, Conv2D, type ConvolutionOptions } from './layers/convolution.ts';
export { CRF, type CRFDecoding, type CRFOptions } from './layers/crf.ts';
export { type CellCallOptions, type CellResult, CustomCell } from './layers/customCell.ts';
export { CustomInitializer } from './layers/customInitializer.ts';
export { type CallInputs, type CallMask, type CallOptions, CustomLayer } from './layers/customLayer.ts';
export { Dense, type DenseOptions } from './layers/dense.ts';
export { Discretization, type DiscretizationOptions } from './layers/discretization.ts';
export { Dot, type DotOptions } from './layers/dot.ts';
export { Dropout, type DropoutOptions } from './layers/dropout.ts';
export { ELU } from './layers/elu.ts';
export { Embedding, type EmbeddingOptions } from './layers/embedding.ts';
export type { IdEncoding } from './layers/encodeIds.ts';
export type { Expression, ExpressionLike } from './layers/expression.ts';
export { GaussianDropout } from './layers/gaussianDropout.ts';
export { GaussianNoise, type GaussianNoiseOptions } from './layers/gaussianNoise.ts';
export {
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalMaxPooling1D,
  GlobalMaxPooling2D,
  type GlobalPoolingOptions,
} from './layers/globalPooling.ts';
export { GroupNormalization, type GroupNormalizationOptions } from './layers/groupNormalization.ts';
export { GRU, type GRUOptions } from './layers/gru.ts';
export { Hashing, type HashingOptions } from './layers/hashing.ts';
export { IdentityLayer } from './layers/identity.ts';
export {
  Constant,
  type ConstantOptions,
  GlorotNormal,
  GlorotUniform,
  HeNormal,
  HeUniform,
  Identity,
  type IdentityOptions,
  LecunNormal,
  LecunUniform,
  Ones,
  Orthogonal,
  type OrthogonalOptions,
  RandomNormal,
  type RandomNormalOptions,
  RandomUniform,
  type RandomUniformOptions,
  type SeedOptions,
  TruncatedNormal,
  VarianceScaling,
  type VarianceScalingOptions,
  Zeros,
} from './layers/initializerClasses.ts';
export type {
  Initializer,
  InitializerConfig,
  InitializerFunction,
  InitializerLike,
  InitializerName,
  ScalingDistribution,
  ScalingMode,
} from './layers/initializers.ts';
export { Input, type InputOptions, type InputType } from './layers/input.ts';
export { IntegerLookup, type IntegerLookupOptions } from './layers/integerLookup.ts';
export { type ApplyOptions, Layer, type LayerConfig, type LayerOptions } from './layers/layer.ts';
export { LayerNormalization, type LayerNormalizationOptions } from './layers/layerNormalization.ts';
export { LeakyReLU } from './layers/leakyReLU.ts';
export type { LookupOptions } from './layers/lookupLayer.ts';
export { LSTM, type LSTMOptions } from './layers/lstm.ts';
export { Masking, type MaskingOptions } from './layers/masking.ts';
export { Add, Average, Maximum, Merge, Minimum, Multiply, Subtract } from './layers/merge.ts';
export { MultiHeadAttention, type MultiHeadAttentionOptions } from './layers/multiHeadAttention.ts';
export { Normalization, type NormalizationOptions } from './layers/normalization.ts';
export { OneHot } from './layers/oneHot.ts';
export * as ops from './layers/ops.ts';
export { PeepholeLSTMCell, type PeepholeLSTMCellOptions } from './layers/peepholeLSTMCell.ts';
export { AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D, type PoolingOptions } from './layers/pooling.ts';
export { PReLU, type PReLUOptions } from './layers/pReLU.ts';
export { PreprocessingLayer } from './layers/preprocessingLayer.ts';
export type { RecurrentOptions } from './layers/recurrent.ts';
export { L1, L1L2, type L1L2Options, L2 } from './layers/regularizers.ts';
export { ReLU, type ReLUOptions } from './layers/reLU.ts';
export { RepeatVector } from './layers/repeatVector.ts';
export { Rescaling } from './layers/rescaling.ts';
export { Flatten, Permute, Reshape } from './layers/reshaping.ts';
export {
  Cropping1D,
  Cropping2D,
  type PlacesAtEnds,
  type StepsAtEnds,
  UpSampling1D,
  UpSampling2D,
  type UpSampling2DOptions,
  ZeroPadding1D,
  ZeroPadding2D,
} from './layers/resizing.ts';
export { RMSNormalization, type RMSNormalizationOptions } from './layers/rmsNormalization.ts';
export { RNN, type RNNOptions } from './layers/rnn.ts';
export type { Gradients, NativeFunction, Scope } from './layers/scope.ts';
export {
  DepthwiseConv1D,
  DepthwiseConv2D,
  type DepthwiseConvolutionOptions,
  SeparableConv1D,
  SeparableConv2D,
  type SeparableConvolutionOptions,
} from './layers/separableConvolution.ts';
export { SimpleRNN, type SimpleRNNOptions } from './layers/simpleRNN.ts';
export { Softmax, type SoftmaxOptions } from './layers/softmax.ts';
export { SpatialDropout1D, SpatialDropout2D } from './layers/spatialDropout.ts';
export type { SampleShape } from './layers/spec.ts';
export type { SplitFunction, TextSplit, TextStandardization } from './layers/splitText.ts';
export { StringLookup, type StringLookupOptions } from './layers/stringLookup.ts';
export type { SymbolicTensor } from './layers/symbolicTensor.ts';
export type { NestedTexts } from './layers/texts.ts';
export {
  TextVectorization,
  type TextVectorizationConfig,
  type TextVectorizationConfigLike,
  type TextVectorizationOptions,
} from './layers/textVectorization.ts';
export { TimeDistributed } from './layers/timeDistributed.ts';
export type { CountMode } from './layers/tokenCounts.ts';
export type { HashSalt } from './layers/tokenHash.ts';
export type { CustomWeightOptions } from './layers/tracedLayer.ts';
export { Conv1DTranspose, Conv2DTranspose, type TransposedConvolutionOptions } from './layers/transposedConvolution.ts';
export { UnitNormalization } from './layers/unitNormalization.ts';
export type { Value } from './layers/value.ts';
export type { QuantisedType, Weight } from './layers/weight.ts';
export type { ConstraintLike, RegularizerLike, RuleConfig } from './layers/weightRules.ts';
export type { Padding } from './layers/windows.ts';
export type { LayerLike } from './layers/wrapper.ts';
export type { CompileOptions, ForOutputs, LossLike, MetricsOfOutput, MetricsOption } from './model/compilation.ts';
export type { EvaluateOptions, PredictOptions } from './model/evaluateOptions.ts';
export type { FitOptionsOf } from './model/fitOptions.ts';
export type { ForwardOptions, ForwardPass, InputGradients, OutputGradientsLike } from './model/forwardPass.ts';
export { type GenerateBatchOptions, type GenerateOptions, generate, generateBatch } from './model/generate.ts';
export { loadBackend } from './model/loadBackend.ts';
export type { JsonValue, Metadata } from './model/metadata.ts';
export {
  type AppliedModel,
  type Callback,
  type FitOptions,
  Model,
  type ModelOptions,
  type Predicted,
  type TensorsLike,
} from './model/model.ts';
export type { ModelLayer } from './model/modelLayer.ts';
export type { CompileState, ModelState, ModelStateLike, NamedArray, NamedArrayLike } from './model/modelState.ts';
export type { ModelStream, StepLike, StreamOptions, StreamState, StreamStateLike } from './model/modelStream.ts';
export type { SaveOptions } from './model/saveOptions.ts';
export { Sequential, type SequentialOptions } from './model/sequential.ts';
export type {
  LoadedWeights,
  LoadWeightsOptions,
  SaveWeightsOptions,
  WeightFormat,
  WeightNames,
  WeightsSource,
} from './model/weightFileOptions.ts';
export { setWorker, setWorkerUrl, type TrustedScriptUrl, type WorkerLike, type Workers } from './model/workerOptions.ts';
export { BatchLoss, type LossBatch } from './objective/batchLoss.ts';
export { Circle, type CircleOptions, Dice, type DiceOptions, Tversky, type TverskyOptions } from './objective/batchLosses.ts';
export type { MetricOptions } from './objective/builtInMetric.ts';
export {
  type ConfusionOptions,
  FalseNegatives,
  FalsePositives,
  Precision,
  type PrecisionOptions,
  Recall,
  TrueNegatives,
  TruePositives,
} from './objective/confusionMetrics.ts';
export { ConcordanceCorrelation, CosineSimilarityMetric, PearsonCorrelation } from './objective/correlationMetrics.ts';
export { CRFLoss } from './objective/crfLoss.ts';
export { CTC, type CTCOptions } from './objective/ctc.ts';
export {
  AUC,
  type AUCOptions,
  PrecisionAtRecall,
  RecallAtPrecision,
  SensitivityAtSpecificity,
  SpecificityAtSensitivity,
  type ThresholdOptions,
} from './objective/curveMetrics.ts';
export { ElementwiseLoss } from './objective/elementwiseLoss.ts';
export type { LossOptions } from './objective/formulaLoss.ts';
export {
  BinaryFocalCrossentropy,
  type BinaryFocalCrossentropyOptions,
  Hinge,
  Huber,
  type HuberOptions,
  KLDivergence,
  LogCosh,
  MeanAbsolutePercentageError,
  MeanSquaredLogarithmicError,
  Poisson,
  SquaredHinge,
} from './objective/formulaLosses.ts';
export { F1Score, type F1ScoreOptions, FBetaScore, type FBetaScoreOptions } from './objective/fScores.ts';
export {
  BinaryIoU,
  type BinaryIoUOptions,
  IoU,
  type IoUOptions,
  MeanIoU,
  type MeanIoUOptions,
  OneHotIoU,
  OneHotMeanIoU,
} from './objective/iouMetrics.ts';
export {
  binaryCrossentropy,
  type CrossentropyOptions,
  categoricalCrossentropy,
  meanAbsoluteError,
  meanSquaredError,
  type SmoothedCrossentropyOptions,
  type SparseCrossentropyOptions,
  sparseCategoricalCrossentropy,
} from './objective/kernelLoss.ts';
export { Loss, type OwnConfig } from './objective/loss.ts';
export type { LossAlias, LossName } from './objective/lossRegistry.ts';
export {
  BinaryAccuracy,
  type BinaryAccuracyOptions,
  Perplexity,
  type PerplexityOptions,
  SparseTopKCategoricalAccuracy,
  type TopKAccuracyOptions,
  TopKCategoricalAccuracy,
} from './objective/meanMetrics.ts';
export type { MetricLike, MetricName, MetricState } from './objective/metrics.ts';
export { Metric, type MetricBatch, type MetricOutput } from './objective/ownMetric.ts';
export { R2Score, type R2ScoreOptions } from './objective/r2Score.ts';
export {
  CategoricalFocalCrossentropy,
  type CategoricalFocalCrossentropyOptions,
  CategoricalGeneralizedCrossEntropy,
  type CategoricalGeneralizedCrossEntropyOptions,
  CategoricalHinge,
  CosineSimilarity,
  QuantileLoss,
  type QuantileLossOptions,
} from './objective/rowLosses.ts';
export type { AdamLikeOptions } from './optimizers/adam.ts';
export { Adam, type AdamOptions } from './optimizers/adam.ts';
export {
  ElementwiseOptimizer,
  type UpdateResult,
  type UpdateTerms,
} from './optimizers/elementwiseOptimizer.ts';
export { LearningRateSchedule, type ScheduleConfig, type ScheduleState } from './optimizers/learningRateSchedule.ts';
export {
  Adadelta,
  type AdadeltaOptions,
  Adagrad,
  type AdagradOptions,
  Adamax,
  AdamW,
  type AdamWOptions,
  Ftrl,
  type FtrlOptions,
  Lion,
  type LionOptions,
  Nadam,
} from './optimizers/moreOptimizers.ts';
export { type LearningRate, Optimizer, type OptimizerConfig, type OptimizerOptions } from './optimizers/optimizer.ts';
export type { OptimizerName } from './optimizers/registry.ts';
export { RMSprop, type RMSpropOptions } from './optimizers/rmsProp.ts';
export {
  CosineDecay,
  type CosineDecayOptions,
  CosineDecayRestarts,
  type CosineDecayRestartsOptions,
  type DecayOptions,
  ExponentialDecay,
  InverseTimeDecay,
  PiecewiseConstantDecay,
  type PiecewiseConstantDecayOptions,
  PolynomialDecay,
  type PolynomialDecayOptions,
} from './optimizers/schedules.ts';
export { SGD, type SGDOptions } from './optimizers/sgd.ts';
