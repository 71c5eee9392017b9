"""`python -m footnoted.eval.training`: train the reader, measure it, export it."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from footnoted.eval.training.benchmarks import Asking, claims, held_out, own_paragraph, retrieved
from footnoted.eval.training.claims import claim_pairs, wice_pairs
from footnoted.eval.training.encoder import JoinedStores, LowerEncoder, store_states
from footnoted.eval.training.evaluate import Forward, Prepared, measure, prepare, torch_forward
from footnoted.eval.training.export import export_reader, onnx_forward, sample_inputs
from footnoted.eval.training.model import Reader
from footnoted.eval.training.squad import Pair, Squad, make_pairs, read_rows, read_squad
from footnoted.eval.training.swaps import swapped_pairs
from footnoted.eval.training.train import Data, Plan, Watch, train
from footnoted.settings import load_settings

_SETS = Path(__file__).parents[1] / "sets"
_OWN_SETS = ("default", "hard", "reworded")
_CHOSEN_BY = ("held_out", "squad2-dev-A", "clapnq-dev-A", "hard.en", "reworded.en")
_CLAIMS = "wice-dev"
_HELD_OUT_ARTICLES = 20
_BEST = "best.json"
_READER = "reader.int8.onnx"


def main() -> None:
    """Parse the command line and run one of the three commands."""
    args = _parser().parse_args()
    torch.set_num_threads(args.threads)
    {"train": _train, "evaluate": _evaluate, "time": _time}[args.command](args)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m footnoted.eval.training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    plan = Plan()
    for name, words in (
        ("train", "train from the default model's upper layers, or go on from a checkpoint"),
        ("evaluate", "measure an exported reader on every benchmark"),
        ("time", "time an exported reader on five passages of 110 tokens"),
    ):
        command = commands.add_parser(name, help=words, description=words)
        command.add_argument("--threads", type=int, default=2, help="of torch or ONNX Runtime")
        command.add_argument("--folder", type=Path, required=True, help="checkpoints and exports")
        if name == "time":
            continue
        command.add_argument("--bench", type=Path, required=True, help="the benchmark data")
        command.add_argument("--corpus", default="default", help="searched for our own eval sets")
        command.add_argument("--lower-layers", type=int, default=plan.lower_layers)
        if name == "train":
            command.add_argument(
                "--begin", type=Path, help="a reader's weights (best.pt) to begin from"
            )
            command.add_argument("--rows", type=int, default=plan.rows, help="pairs in all")
            command.add_argument("--learning-rate", type=float, default=plan.learning_rate)
            command.add_argument("--minutes", type=float, default=plan.minutes, help="at most")
            command.add_argument("--seed", type=int, default=plan.seed)
            command.add_argument("--evaluate-every", type=int, default=plan.evaluate_every)
    return parser


def _train(args: argparse.Namespace) -> None:
    folder: Path = args.folder
    folder.mkdir(parents=True, exist_ok=True)
    plan = replace(
        Plan(),
        lower_layers=args.lower_layers,
        rows=args.rows,
        learning_rate=args.learning_rate,
        seed=args.seed,
        minutes=args.minutes,
        evaluate_every=args.evaluate_every,
    )
    squad = read_squad(args.bench / "train" / "squad11-train")
    pairs, kept_back = _pairs(squad)
    pages, about_pages = wice_pairs(
        args.bench / "wice-nonsupported-tokens" / "train.jsonl",
        len(squad.windows),
        frozenset(
            r["text"].lower().strip() for r in read_rows(args.bench / _CLAIMS / "queries.jsonl")
        ),
    )
    pairs += about_pages
    encoder = LowerEncoder(plan.lower_layers)
    stores = [
        store_states(
            encoder, [w.text for w in windows], folder.parent / f"{name}{plan.lower_layers}"
        )
        for name, windows in (("states", squad.windows), ("pages", pages))
    ]
    benchmarks = _prepared(args, encoder, held_out(kept_back, squad.windows, 800, seed=1))

    def evaluate(reader: Reader) -> Mapping[str, Any]:
        return _measured(benchmarks, torch_forward(reader.eval()))

    def keep_best(reader: Reader, outcome: Mapping[str, Any], step: int) -> None:
        _say(f"step {step}: {json.dumps(outcome)}")
        best = folder / _BEST
        if best.is_file() and json.loads(best.read_text())["chosen_by"] >= outcome["chosen_by"]:
            return
        export_reader(reader, folder / _READER)
        torch.save(reader.state_dict(), folder / "best.pt")
        found = {"step": step, "chosen_by": outcome["chosen_by"], "float32": outcome}
        best.write_text(json.dumps(found, indent=1))

    train(
        plan,
        Data(pairs, encoder, JoinedStores(stores)),
        folder,
        Watch(evaluate, keep_best, _say),
        args.begin,
    )


def _evaluate(args: argparse.Namespace) -> None:
    squad = read_squad(args.bench / "train" / "squad11-train")
    encoder = LowerEncoder(args.lower_layers)
    kept_back = _pairs(squad)[1]
    benchmarks = _prepared(args, encoder, held_out(kept_back, squad.windows, 800, seed=1))
    measured = _measured(benchmarks, onnx_forward(args.folder / _READER, args.threads))
    _say(json.dumps(measured, indent=1))


def _time(args: argparse.Namespace) -> None:
    inputs = sample_inputs(5, 14, 110)
    forward = onnx_forward(args.folder / _READER, args.threads)
    times = []
    for _ in range(30):
        began = time.perf_counter()
        forward(inputs)
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    _say(f"median {times[15]:.1f} ms, fastest {times[0]:.1f} ms")


def _pairs(squad: Squad) -> tuple[list[Pair], list[Pair]]:
    """The pairs to train on, and those of the articles that are kept back, whatever the seed."""
    pairs = make_pairs(squad, seed=1)
    pairs += swapped_pairs(pairs, squad.windows, seed=1)
    pairs += claim_pairs(pairs, squad.windows, seed=1)
    articles = sorted({window.article for window in squad.windows})
    kept = set(articles[:: len(articles) // _HELD_OUT_ARTICLES])
    inside = [squad.windows[pair.window].article in kept for pair in pairs]
    return (
        [pair for pair, out in zip(pairs, inside, strict=True) if not out],
        [pair for pair, out in zip(pairs, inside, strict=True) if out],
    )


def _prepared(
    args: argparse.Namespace, encoder: LowerEncoder, left_out: list[Asking]
) -> dict[str, Prepared]:
    settings = load_settings()
    asked = {
        "held_out": left_out,
        "squad2-dev-A": own_paragraph(args.bench / "squad2-dev-A", 400, seed=1),
        "clapnq-dev-A": own_paragraph(args.bench / "clapnq-dev-A", 300, seed=1),
        _CLAIMS: claims(args.bench / _CLAIMS),
        **{n: retrieved(_SETS / f"{n}.jsonl", settings, args.corpus, 5) for n in _OWN_SETS},
    }
    return {name: prepare(asking, encoder) for name, asking in asked.items()}


def _measured(benchmarks: Mapping[str, Prepared], forward: Forward) -> dict[str, Any]:
    """Scores by benchmark, our own sets also without their Arabic questions."""
    scores: dict[str, Any] = {}
    for name, prepared in benchmarks.items():
        for language in (None, "en") if name in _OWN_SETS else (None,):
            key = name if language is None else f"{name}.{language}"
            found = measure(prepared, forward, language)._asdict()
            scores[key] = {k: round(v, 4) for k, v in found.items()}
    parts = [scores[name]["answerable"] for name in _CHOSEN_BY] + [scores[_CLAIMS]["supported"]]
    scores["chosen_by"] = round(sum(parts) / len(parts), 4)
    return scores


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
