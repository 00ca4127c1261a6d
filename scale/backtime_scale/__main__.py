"""The command line: `python -m backtime_scale train | predict | sweep`."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Sequence

from . import __version__
from .errors import ScaleError
from .lines import Lines

DESCRIPTION = "Trains, applies and searches models of Backtime on several machines and devices."
DATA_HELP = "a .parquet, .csv or .npz file, or a folder of files of one kind"


def positive(text: str) -> int:
    """A whole number from 1."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more; it is {text}")
    return value


def not_negative(text: str) -> int:
    """A whole number from 0."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"must be 0 or more; it is {text}")
    return value


def names(text: str) -> tuple[str, ...]:
    """Names with commas between them."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def build_parser() -> argparse.ArgumentParser:
    """The commands and their flags."""
    parser = argparse.ArgumentParser(prog="python -m backtime_scale", description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    train = commands.add_parser("train", help="trains a .keras file on sharded data", description="Trains a compiled model from a .keras file. Each worker reads its part of the data.")
    train.add_argument("model", help="the .keras file, from Backtime's model.save or from Keras")
    train.add_argument("data", help=DATA_HELP)
    train.add_argument("--out", required=True, help="the .keras file to write")
    train.add_argument("--epochs", type=positive, default=1, help="passes over the data (1)")
    train.add_argument("--batch-size", type=positive, default=32, help="rows of a batch, of all workers together (32)")
    train.add_argument("--engine", choices=["jax", "ray"], default="jax", help="jax: Keras on JAX; ray: Ray Train with Keras on PyTorch (jax)")
    train.add_argument("--workers", type=positive, default=1, help="processes, or workers of the Ray cluster (1)")
    train.add_argument("--shards", type=positive, help="parts of the data; the batches depend on them, not on the workers (as many as workers)")
    train.add_argument("--seed", type=not_negative, default=1, help="of the order of the rows and of dropout (1)")
    train.add_argument("--no-shuffle", action="store_true", help="takes the rows of each shard in their order")
    train.add_argument("--features", type=names, default=(), help="columns of inputs (all that are left)")
    train.add_argument("--target", type=names, default=(), help="columns of targets (y, target, or the names of the outputs)")
    train.add_argument("--weight", help="column of the weights of rows (sample_weight, if there is one)")
    train.add_argument("--validation", help="data that the model is measured on after each epoch")
    train.add_argument("--steps-per-epoch", type=positive, help="batches from one checkpoint to the next (a whole pass)")
    train.add_argument("--checkpoints", help="folder that every worker can reach (OUT.checkpoints)")
    train.add_argument("--restart", action="store_true", help="deletes the checkpoints and begins again")
    train.add_argument("--restarts", type=not_negative, default=3, help="how often killed workers are started again (3)")
    train.add_argument("--coordinator", help="on several machines: host:port of the first process, or auto (Slurm, Open MPI, Kubernetes, TPU)")
    train.add_argument("--process", type=not_negative, help="on several machines: the number of this process, from 0")
    train.add_argument("--launched", action="store_true", help=argparse.SUPPRESS)
    train.add_argument("--address", help="of the Ray cluster (one on this machine)")
    train.add_argument("--json", action="store_true", help="prints one JSON object a line")

    predict = commands.add_parser("predict", help="applies a .keras file to data", description="Applies a model to the rows of data, by batches of Ray Data, and writes Parquet files.")
    predict.add_argument("model", help="the .keras file")
    predict.add_argument("data", help=DATA_HELP)
    predict.add_argument("--out", required=True, help="a new folder")
    predict.add_argument("--batch-size", type=positive, default=256, help="rows of a batch (256)")
    predict.add_argument("--workers", type=positive, default=1, help="workers of the Ray cluster (1)")
    predict.add_argument("--features", type=names, default=(), help="columns of inputs (all but y, target and sample_weight)")
    predict.add_argument("--backend", choices=["jax", "torch"], default="jax", help="what Keras runs on (jax)")
    predict.add_argument("--address", help="of the Ray cluster (one on this machine)")
    predict.add_argument("--json", action="store_true", help="prints one JSON object a line")

    sweep = commands.add_parser(
        "sweep",
        help="searches the flags of backtime train by Ray Tune",
        description="Trains many small networks at once: a process of backtime train a trial. Trials that fall behind are stopped early (ASHA).",
    )
    sweep.add_argument("data", help="a file that backtime train reads")
    sweep.add_argument("--space", required=True, help='JSON: flags with a value, a list of values, or {"uniform" | "log" | "int": [low, high]}')
    sweep.add_argument("--out", default="sweep", help="folder of the trials and of best.safetensors (sweep)")
    sweep.add_argument("--trials", type=positive, default=8, help="number of trials (8)")
    sweep.add_argument("--epochs", type=positive, default=10, help="of a trial that is not stopped (10)")
    sweep.add_argument("--grace-epochs", type=positive, default=2, help="no trial is stopped before (2)")
    sweep.add_argument("--concurrent", type=positive, help="trials at the same time (as many as there are CPUs)")
    sweep.add_argument("--cpus", type=float, default=1, help="CPUs of a trial (1)")
    sweep.add_argument("--seed", type=not_negative, default=1, help="of the search, and of each trial (1)")
    sweep.add_argument("--backtime", default="npx backtime", help="the command line of Backtime (npx backtime)")
    sweep.add_argument("--address", help="of the Ray cluster (one on this machine)")
    sweep.add_argument("--json", action="store_true", help="prints one JSON object a line")
    return parser


def predict(args: argparse.Namespace, tell: Lines) -> None:
    """Predicts on a Ray cluster."""
    from os.path import abspath

    from .predict import PredictOptions
    from .predict import predict as answer

    options = PredictOptions(abspath(args.model), abspath(args.data), abspath(args.out), args.batch_size, args.workers, args.features, args.backend)
    answer(options, args.address, tell)


def sweep(args: argparse.Namespace, tell: Lines) -> None:
    """Searches on a Ray cluster."""
    from os.path import abspath

    from .sweep import SweepOptions
    from .sweep import sweep as search

    options = SweepOptions(
        data=abspath(args.data),
        space=args.space,
        out=abspath(args.out),
        trials=args.trials,
        epochs=args.epochs,
        grace_epochs=args.grace_epochs,
        concurrent=args.concurrent,
        cpus=args.cpus,
        seed=args.seed,
        backtime=args.backtime,
    )
    search(options, args.address, tell)


def train(args: argparse.Namespace, argv: Sequence[str], tell: Lines) -> None:
    """Trains in this process, in several that it starts, or on a Ray cluster."""
    from os.path import abspath
    from pathlib import Path

    from .checkpoints import Checkpoints
    from .training import TrainOptions, check_options

    options = TrainOptions(
        # Ray's workers have folders of their own.
        model=abspath(args.model),
        data=abspath(args.data),
        out=abspath(args.out),
        epochs=args.epochs,
        batch_size=args.batch_size,
        engine=args.engine,
        workers=args.workers,
        shards=args.shards or args.workers,
        seed=args.seed,
        shuffle=not args.no_shuffle,
        features=args.features,
        target=args.target,
        weight=args.weight,
        validation=args.validation and abspath(args.validation),
        steps_per_epoch=args.steps_per_epoch,
        checkpoints=abspath(args.checkpoints or f"{args.out}.checkpoints"),
        restarts=args.restarts,
    )
    if args.coordinator not in (None, "auto") and args.process is None:
        raise ScaleError("OPTION", "--coordinator host:port needs --process, the number of this process from 0.")
    if args.restart:
        if args.coordinator is not None:
            raise ScaleError("OPTION", f"--restart is not possible with --coordinator: delete {options.checkpoints} before the processes start.")
        Checkpoints(Path(options.checkpoints), {}).delete()
    check_options(options)
    if args.engine == "ray":
        from .train_ray import train_on_ray

        train_on_ray(options, args.address, tell)
        Checkpoints(Path(options.checkpoints), options.run).delete()
        return
    if args.workers > 1 and args.coordinator is None:
        from .launch import launch

        launch([argument for argument in argv if argument != "--restart"], args.workers, args.restarts, tell)
        Checkpoints(Path(options.checkpoints), options.run).delete()
        return
    from .train_jax import train_process

    if args.launched:
        from .launch import end_with_launcher

        end_with_launcher()
    if args.coordinator is not None:
        # Gloo prints that it is connected.
        tell.keep_stdout()
    train_process(options, tell, coordinator=args.coordinator, process=args.process, supervised=args.launched)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command. Returns 0, after an error of the user 1, after any other 2."""
    given = list(sys.argv[1:] if argv is None else argv)
    args = build_parser().parse_args(given)
    tell = Lines(args.json)
    if args.command != "train" or args.engine == "ray":
        # Ray prints tables of its own.
        tell.keep_stdout()
    try:
        if args.command == "sweep":
            sweep(args, tell)
        elif args.command == "predict":
            predict(args, tell)
        else:
            train(args, given, tell)
    except ScaleError as error:
        tell("error", code=error.code, message=error.message)
        return 1
    except KeyboardInterrupt:
        tell("error", code="INTERRUPTED", message="Ended by Ctrl+C. The last checkpoint is kept: the same command goes on from it.")
        return 130
    except Exception as error:
        traceback.print_exc()
        tell("error", code="FAULT", message=f"{type(error).__name__}: {error}")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
