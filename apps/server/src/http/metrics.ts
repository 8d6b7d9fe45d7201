/** Gauges are read when somebody asks; counters are kept here. Prometheus text exposition, version 0.0.4. */
export interface Metrics {
  countResponse(status: number): void
  text(): Promise<string>
}

export interface Gauge {
  readonly name: string
  readonly help: string
  read(): Promise<Reading> | Reading
}

/** One number, or one for each of several things. Names of labels are letters and `_`. */
export type Reading =
  | number
  | readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]

export function createMetrics(gauges: readonly Gauge[]): Metrics {
  const responses = new Map<number, number>()
  return {
    countResponse: (status) => responses.set(status, (responses.get(status) ?? 0) + 1),
    async text() {
      const lines = [
        '# HELP stint_http_responses_total Answers by status.',
        '# TYPE stint_http_responses_total counter',
      ]
      for (const [status, count] of [...responses].sort(([a], [b]) => a - b))
        lines.push(`stint_http_responses_total{status="${status}"} ${count}`)
      for (const { name, help, read } of gauges)
        lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...samples(name, await read()))
      return `${lines.join('\n')}\n`
    },
  }
}

function samples(name: string, reading: Reading): readonly string[] {
  if (typeof reading === 'number') return [`${name} ${reading}`]
  return reading.map(({ labels, value }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`)
    return `${name}{${pairs.join(',')}} ${value}`
  })
}
