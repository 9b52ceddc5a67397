/** Draws cost by size as SVG: one panel per kind, with points and the fitted line. */
import type { Growth } from './measure.ts'

const PANEL = { width: 300, height: 220, left: 56, right: 16, top: 36, bottom: 44 }
const INK = '#24292f'
const FAINT = '#d0d7de'
const BLUE = '#0969da'

export function plotGrowth(growths: readonly Growth[]): string {
  const width = PANEL.width * growths.length
  const panels = growths.map(
    (growth, i) => `<g transform="translate(${i * PANEL.width} 0)">${panel(growth)}</g>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${PANEL.height}" width="${width}" height="${PANEL.height}" font-family="sans-serif" font-size="11" fill="${INK}">
<title>CPU microseconds a request by what is added to the typical pod</title>
<rect width="100%" height="100%" fill="white"/>
${panels.join('\n')}
</svg>
`
}

function panel({ kind, points, line }: Growth): string {
  const most = (pick: (point: { x: number; y: number }) => number): number => Math.max(...points.map(pick))
  const [ticksX, ticksY] = [ticks(most(({ x }) => x)), ticks(most(({ y }) => y))]
  const [maxX, maxY] = [ticksX.at(-1) ?? 1, ticksY.at(-1) ?? 1]
  const atX = (x: number): string =>
    (PANEL.left + (x / maxX) * (PANEL.width - PANEL.left - PANEL.right)).toFixed(1)
  const atY = (y: number): string =>
    (PANEL.height - PANEL.bottom - (y / maxY) * (PANEL.height - PANEL.top - PANEL.bottom)).toFixed(1)
  const lineTo = (x: number): string => `${atX(x)},${atY(Math.max(0, line.intercept + line.slope * x))}`
  const bottom = PANEL.height - PANEL.bottom
  return [
    text(
      { x: PANEL.left, y: 18, anchor: 'start' },
      `${kind} added: CPU µs per request`,
      'font-weight="bold"',
    ),
    ...ticksY.map(
      (y) =>
        `<line x1="${PANEL.left}" x2="${PANEL.width - PANEL.right}" y1="${atY(y)}" y2="${atY(y)}" stroke="${FAINT}"/>` +
        text({ x: PANEL.left - 6, y: Number(atY(y)) + 4, anchor: 'end' }, y.toLocaleString('en')),
    ),
    ...ticksX.map((x) =>
      text({ x: Number(atX(x)), y: bottom + 16, anchor: 'middle' }, x.toLocaleString('en')),
    ),
    text({ x: PANEL.left, y: bottom + 34, anchor: 'start' }, describeLine(line)),
    `<polyline points="${lineTo(0)} ${lineTo(most(({ x }) => x))}" fill="none" stroke="${BLUE}" stroke-opacity="0.5"/>`,
    ...points.map(({ x, y }) => `<circle cx="${atX(x)}" cy="${atY(y)}" r="3.5" fill="${BLUE}"/>`),
  ].join('')
}

export function describeLine({ slope, closeness }: Growth['line']): string {
  return `${slope.toPrecision(2)} us each, R² ${closeness.toFixed(3)}`
}

function text(
  at: { readonly x: number; readonly y: number; readonly anchor: string },
  words: string,
  more = '',
): string {
  return `<text x="${at.x}" y="${at.y}" text-anchor="${at.anchor}" ${more}>${words}</text>`
}

/** From 0 to the first round number of at least `most`, in four or five steps. */
export function ticks(most: number): readonly number[] {
  const rough = most / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? most
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => i * step)
}
