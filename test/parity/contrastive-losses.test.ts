/** Contrastive losses against PyTorch (scripts/make_contrastive_losses.py): values and gradients. */
import { describe, expect, test } from "vitest";
import {
  donskerVaradhanBound,
  infoNce,
  infoNceBound,
  invariantSpreadWithTerms,
  jensenShannonBound,
  marginContrastive,
  mocoV3Loss,
  nce,
  nceNormalizer,
  nonParametricSoftmax,
  priorDiscriminatorLoss,
  priorEncoderLoss,
  proximal,
  queueInfoNce,
  symmetricInfoNce,
} from "../../src/losses/index.ts";
import { constant, split, type Tensor } from "../../src/tensor/index.ts";
import { deterministic } from "../support/deterministic.ts";
import { evaluateLoss, type Leaf, leaf } from "../support/evaluate-loss.ts";
import { readFixture } from "../support/fixtures.ts";
import { relativeError } from "../support/probe.ts";

const TOLERANCE = 1e-4;
const fixture = readFixture("contrastive-losses");
const settings = fixture.setting<{
  temperatures: number[];
  bank_size: number;
  margins: number[];
  proximal_weight: number;
}>("settings");

/** An input that both sides compute from its name. */
const given = (name: string, shape: number[], scale = 1) =>
  leaf(
    deterministic(
      name,
      shape.reduce((a, b) => a * b),
      scale,
    ),
    ...shape,
  );

/** An input that the fixture holds. */
const stored = (name: string) => leaf(fixture.floats(name), ...fixture.shape(name));

/** Compares everything stored under `name`: the loss, gradients, and further results by their names. */
async function compare<Name extends string>(
  name: string,
  inputs: Record<Name, Leaf>,
  build: (tensors: Record<Name, Tensor>) => Record<"loss", Tensor>,
): Promise<void> {
  const got: Record<string, number[]> = await evaluateLoss(inputs, build);
  const entries = fixture.endings(`${name}/`);
  expect(entries).toContain("loss");
  for (const entry of entries) {
    expect(relativeError(got[entry] ?? [], fixture.floats(`${name}/${entry}`)), entry).toBeLessThan(
      TOLERANCE,
    );
  }
}

describe.each(settings.temperatures)("as PyTorch computes it at temperature %f", (temperature) => {
  const pair = {
    queries: given("info_nce.queries", [6, 8]),
    candidates: given("info_nce.candidates", [6, 8]),
  };
  const many = { ...pair, candidates: given("info_nce.candidates", [10, 8]) };

  test("InfoNCE within a batch, by cosine and by dot product", async () => {
    for (const [form, normalize] of [
      ["cosine", true],
      ["dot", false],
    ] as const)
      await compare(`info_nce/${form}_t${temperature}`, many, ({ queries, candidates }) => ({
        loss: infoNce(queries, candidates, { temperature, normalize }),
      }));
  });

  test("InfoNCE in both directions", () =>
    compare(`symmetric_info_nce/t${temperature}`, pair, ({ queries, candidates }) => ({
      loss: symmetricInfoNce(queries, candidates, { temperature }),
    })));

  test("InfoNCE with a queue", () => {
    const inputs = {
      queries: given("queue_info_nce.queries", [6, 8]),
      keys: given("queue_info_nce.keys", [6, 8]),
      queue: stored("queue_info_nce/queue"),
    };
    return compare(`queue_info_nce/t${temperature}`, inputs, (rows) => ({
      loss: queueInfoNce({ ...rows, temperature }),
    }));
  });

  test("MoCo v3's loss", () => {
    const rows = (name: string) => given(`moco_v3.${name}`, [6, 8]);
    const inputs = {
      queries0: rows("queries0"),
      queries1: rows("queries1"),
      keys0: rows("keys0"),
      keys1: rows("keys1"),
    };
    return compare(`moco_v3/t${temperature}`, inputs, ({ queries0, queries1, keys0, keys1 }) => ({
      loss: mocoV3Loss({ queries: [queries0, queries1], keys: [keys0, keys1], temperature }),
    }));
  });

  test("NCE and its estimate of Z", () => {
    const inputs = { positives: given("nce.positives", [6]), negatives: given("nce.negatives", [6, 40]) };
    return compare(`nce/t${temperature}`, inputs, (rows) => {
      const similarities = { ...rows, temperature, bankSize: settings.bank_size };
      const normalizer = nceNormalizer(similarities);
      return { loss: nce({ ...similarities, normalizer }), normalizer };
    });
  });

  test("the softmax over a bank", () =>
    compare(
      `non_parametric_softmax/t${temperature}`,
      { embeddings: stored("bank/embeddings"), bank: stored("bank") },
      (rows) => ({ loss: nonParametricSoftmax({ ...rows, indices: bankIndices(), temperature }) }),
    ));

  test("the invariant and spreading feature", () =>
    compare(`invariant_spread/t${temperature}`, { z: given("invariant_spread.z", [12, 8]) }, ({ z }) => {
      const [first, second] = split(z, 0, [6, 6]) as [Tensor, Tensor];
      return { ...invariantSpreadWithTerms(first, second, { temperature }) };
    }));
});

describe("as PyTorch computes it", () => {
  test("proximal regularisation", () => {
    const indices = fixture.numbers("bank/indices");
    const rows = indices.flatMap((index) =>
      Array.from(fixture.floats("bank").subarray(index * 8, index * 8 + 8)),
    );
    const inputs = { embeddings: stored("bank/embeddings"), before: leaf(rows, 6, 8) };
    return compare("proximal", inputs, ({ embeddings, before }) => ({
      loss: proximal(embeddings, before, settings.proximal_weight),
    }));
  });

  test.each(settings.margins)("the contrastive loss of pairs at margin %f", (margin) => {
    const first = given("margin_contrastive.first", [8, 5], 0.5);
    const second = given("margin_contrastive.second", [8, 5], 0.5);
    // The first two pairs are equal points. Every other pair is positive.
    const values = Array.from(second.data, (value, i) => (i < 10 ? first.data[i]! : value));
    const inputs = { first, second: leaf(values, 8, 5), same: leaf([0, 1, 0, 1, 0, 1, 0, 1], 8) };
    return compare(`margin_contrastive/m${margin}`, inputs, (pairs) => ({
      loss: marginContrastive(pairs.first, pairs.second, pairs.same, margin),
    }));
  });

  const bounds = {
    jensen_shannon: jensenShannonBound,
    donsker_varadhan: donskerVaradhanBound,
    info_nce_bound: infoNceBound,
  };

  test.each(Object.entries(bounds))("the bound %s, of whole pictures and of places", async (name, bound) => {
    for (const [form, shape] of [
      ["global", [6, 6]],
      ["local", [4, 4, 5]],
    ] as const)
      await compare(`${name}/${form}`, { scores: given(`scores.${form}`, [...shape], 4) }, ({ scores }) => ({
        loss: bound(scores),
      }));
  });

  test("prior matching", async () => {
    const prior = given("prior_matching.prior", [9, 1], 3);
    const representations = given("prior_matching.representations", [9, 1], 3);
    await compare("prior_matching/discriminator", { prior, representations }, (logits) => ({
      loss: priorDiscriminatorLoss(logits.prior, logits.representations),
    }));
    await compare("prior_matching/encoder", { representations }, (logits) => ({
      loss: priorEncoderLoss(logits.representations),
    }));
  });
});

const bankIndices = () => constant(fixture.numbers("bank/indices"), [6], "int64");
