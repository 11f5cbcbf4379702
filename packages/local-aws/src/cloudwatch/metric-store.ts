/**
 * Values of metrics, by what CloudWatch knows of them: out of embedded-metric-format lines
 * (CloudWatch User Guide, "Embedded metric format specification"), or put in.
 */
import * as v from "valibot";

export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

interface Window {
  /** Epoch milliseconds; the first that counts. */
  readonly from: number;
  /** The first that no longer counts. */
  readonly to: number;
}

export interface MetricStore {
  /**
   * A line that is no metric is passed over.
   * @param at epoch milliseconds. @default what the line says
   */
  readonly addLine: (line: string, at?: number) => void;
  readonly put: (metric: MetricName, value: number, at: number) => void;
  /** @returns undefined where there is no value */
  readonly read: (metric: MetricName, statistic: string, window: Window) => number | undefined;
  /** Forgets what is older. */
  readonly forget: (before: number) => void;
}

const MetricLine = v.looseObject({
  _aws: v.object({
    Timestamp: v.number(),
    CloudWatchMetrics: v.array(
      v.object({
        Namespace: v.string(),
        Dimensions: v.array(v.array(v.string())),
        Metrics: v.array(v.object({ Name: v.string() })),
      }),
    ),
  }),
});

interface Sample {
  readonly at: number;
  readonly value: number;
}

export function createMetricStore(): MetricStore {
  const samples = new Map<string, Sample[]>();

  function put(metric: MetricName, value: number, at: number): void {
    const key = keyOf(metric);
    const known = samples.get(key) ?? [];
    // Lines of several processes come nearly in the order of time.
    let place = known.length;
    while (place > 0 && (known[place - 1] as Sample).at > at) {
      place -= 1;
    }
    known.splice(place, 0, { at, value });
    samples.set(key, known);
  }

  return {
    put,
    addLine: (line, received) => {
      for (const { metric, value, at } of metricsIn(line)) {
        put(metric, value, received ?? at);
      }
    },
    read: (metric, statistic, { from, to }) => {
      const found = samples.get(keyOf(metric)) ?? [];
      const values = found.slice(placeOf(found, from), placeOf(found, to)).map(valueOf);
      return values.length === 0 ? undefined : statisticOf(values, statistic);
    },
    forget: (before) => {
      for (const [key, all] of samples) {
        samples.set(key, all.slice(placeOf(all, before)));
      }
    },
  };
}

const valueOf = ({ value }: Sample) => value;

/** Of the first sample that is not before `at`, in the order of time. */
function placeOf(samples: readonly Sample[], at: number): number {
  let [low, high] = [0, samples.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((samples[middle] as Sample).at < at) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** A metric or a dimension without a member in the line is ignored, as CloudWatch does. */
function metricsIn(line: string) {
  const parsed = line.includes('"_aws"') ? v.safeParse(MetricLine, tryJson(line)) : undefined;
  if (parsed?.success !== true) {
    return [];
  }
  const { _aws, ...members } = parsed.output;
  return _aws.CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) => {
      const entries = names.map((name) => [name, members[name]] as const);
      if (entries.some(([, value]) => typeof value !== "string")) {
        return [];
      }
      const dimensions = Object.fromEntries(entries) as Record<string, string>;
      return Metrics.flatMap(({ Name: name }) => {
        const value = members[name];
        const metric = { namespace, name, dimensions };
        return typeof value === "number" ? [{ metric, value, at: _aws.Timestamp }] : [];
      });
    }),
  );
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function keyOf({ namespace, name, dimensions }: MetricName): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);
}

function statisticOf(values: readonly number[], statistic: string): number {
  const sum = values.reduce((total, value) => total + value, 0);
  const sorted = [...values].sort((one, other) => one - other);
  switch (statistic) {
    case "SampleCount":
      return values.length;
    case "Sum":
      return sum;
    case "Average":
      return sum / values.length;
    case "Maximum":
      return sorted.at(-1) as number;
    case "Minimum":
      return sorted[0] as number;
  }
  const percent = /^p(\d+(?:\.\d+)?)$/.exec(statistic)?.[1];
  if (percent === undefined) {
    throw new Error(`the local CloudWatch knows no statistic ${statistic}`);
  }
  return sorted[Math.max(0, Math.ceil((Number(percent) / 100) * values.length) - 1)] as number;
}
