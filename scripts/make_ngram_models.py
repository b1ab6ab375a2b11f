"""Smoothed n-gram models by NLTK: maximum likelihood, Lidstone, interpolated Kneser-Ney.

Needs nltk (3.9) and numpy alone, no data of NLTK's. Writes test/fixtures/ngram-models.json.

NLTK predicts whatever an n-gram ends with. Here the start of a sentence is never predicted, so the texts are fed as
n-grams, without those that end in a start. Kneser-Ney's counts of shorter n-grams need a word before each of them.
They are compared on a text without marks, whose first n-grams come again later.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

from nltk.lm import MLE, KneserNeyInterpolated, Lidstone, Vocabulary
from nltk.util import everygrams

FIXTURE = Path(__file__).resolve().parent.parent / "test" / "fixtures" / "ngram-models.json"

STREAM = (
    "the cat sat on the mat and the dog sat on the log . the cat saw the dog and the dog saw the cat . "
    "a cat and a dog sat on a mat . the mat was on the log and the log was in the sun . the cat sat on the log . "
    "a dog was in the sun and the cat was on the dog . the sun saw the cat sat on the mat and a log ."
).split()
SENTENCES = [
    "the cat sat on the mat".split(),
    "the cat saw the dog".split(),
    "a dog sat on the cat".split(),
    "the dog saw a cat on the mat".split(),
    "cat".split(),
]
# Words that are not in the text are the unknown one.
CONTEXTS = [[], ["the"], ["cat"], ["the", "cat"], ["on", "the"], ["zebra"], ["sun", "the"], ["the", "zebra"], ["zebra", "the"]]
DISCOUNT = 0.1
GAMMA = 0.3


def fitted(model, ngrams, words):
    model.fit([ngrams], vocabulary_text=words)
    return model


def scores(model, words, contexts):
    """Of every word in every context; a context is at most order - 1 words."""
    order = model.order
    return [
        {
            "context": context,
            "scores": {word: model.score(word, context[-(order - 1) :] if order > 1 else []) for word in words},
        }
        for context in contexts
    ]


def stream_case(order):
    """The text as it stands. The vocabulary has <UNK> and an end of sentences, which no n-gram contains."""
    words = sorted(set(STREAM))
    ngrams = list(everygrams(STREAM, max_len=order))
    predicted = [*words, "<UNK>", "</s>"]
    # Without a shorter context of ours, maximum likelihood has nothing to say after what was never seen.
    seen = [c for c in CONTEXTS if occurs(c[-(order - 1) :] if order > 1 else [])]
    return {
        "order": order,
        "mle": scores(fitted(MLE(order, vocabulary=Vocabulary([*words, "</s>"])), ngrams, words), predicted, seen),
        "lidstone": scores(fitted(Lidstone(GAMMA, order, vocabulary=Vocabulary([*words, "</s>"])), ngrams, words), predicted, full_contexts(order)),
        **(
            {}
            if order == 1
            else {
                "kneser_ney": scores(
                    fitted(KneserNeyInterpolated(order, discount=DISCOUNT, vocabulary=Vocabulary([*words, "</s>"])), ngrams, words),
                    predicted,
                    CONTEXTS,
                )
            }
        ),
    }


def full_contexts(order):
    """NLTK gives a context that is too short the counts of that length; ours are of order - 1 words."""
    return [c for c in CONTEXTS if len(c) >= order - 1]


def occurs(context):
    n = len(context)
    return any(STREAM[i : i + n] == context for i in range(len(STREAM) - n))


def sentence_case(order):
    """With one start and one end; the n-grams that end in a start are left out."""
    words = sorted({word for sentence in SENTENCES for word in sentence})
    marked = [["<s>", *sentence, "</s>"] for sentence in SENTENCES]
    ngrams = [g for sentence in marked for g in everygrams(sentence, max_len=order) if g[-1] != "<s>"]
    contexts = [["<s>"], ["the"], ["<s>", "the"], ["the", "cat"], ["the", "mat"]]
    model = fitted(MLE(order, vocabulary=Vocabulary([*words, "<s>", "</s>"])), ngrams, [*words, "<s>", "</s>"])
    predicted = [*words, "</s>"]
    return {"order": order, "mle": scores(model, predicted, [c for c in contexts if len(c) == order - 1])}


def main():
    fixture = {
        "command": " ".join(["python", *sys.argv]),
        "versions": {"nltk": version("nltk")},
        "stream": STREAM,
        "sentences": SENTENCES,
        "gamma": GAMMA,
        "discount": DISCOUNT,
        "streams": [stream_case(order) for order in (1, 2, 3)],
        "marked": [sentence_case(order) for order in (2, 3)],
    }
    FIXTURE.write_text(json.dumps(fixture, indent=1) + "\n")
    print(f"{FIXTURE}: {FIXTURE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
