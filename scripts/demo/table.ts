/** A text table with columns of the necessary width, and the colours of the demo. */
import { styleText } from 'node:util'

export interface Column {
  readonly title: string
  readonly align?: 'right'
  /** May extend into empty columns after it. */
  readonly overflows?: boolean
}

/** Further lines of a cell are printed below it. */
export type Row = readonly string[]

export function formatTable(columns: readonly Column[], rows: readonly Row[]): string {
  const widths = columns.map((column, index) =>
    Math.max(
      column.title.length,
      ...rows.map((row) => {
        const ranOn = column.overflows === true && (row[index + 1] ?? '') === ''
        return ranOn ? 0 : Math.max(...(row[index] ?? '').split('\n').map((line) => line.length))
      }),
    ),
  )
  const lines = [
    dim(
      formatLine(
        columns.map(({ title }) => title),
        columns,
        widths,
      ),
    ),
    ...rows.flatMap((row) => {
      const cells = row.map((cell) => cell.split('\n'))
      const height = Math.max(...cells.map((cell) => cell.length))
      return Array.from({ length: height }, (_, line) =>
        formatLine(
          cells.map((cell) => cell[line] ?? ''),
          columns,
          widths,
        ),
      )
    }),
  ]
  return lines.join('\n')
}

function formatLine(cells: readonly string[], columns: readonly Column[], widths: readonly number[]): string {
  let line = ''
  let end = 0
  for (const [index, cell] of cells.entries()) {
    const width = widths[index] ?? 0
    line =
      columns[index]?.align === 'right' ? line.padEnd(end) + cell.padStart(width) : line.padEnd(end) + cell
    end += width + 1
  }
  return line.trimEnd()
}

export const dim = (text: string): string => style('dim', text)
export const bold = (text: string): string => style('bold', text)
export const green = (text: string): string => style('green', text)
export const red = (text: string): string => style('red', text)

/** Honours NO_COLOR and pipes. */
function style(format: 'dim' | 'bold' | 'green' | 'red', text: string): string {
  return styleText(format, text, { stream: process.stdout })
}
