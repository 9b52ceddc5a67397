/** Owns: making HTML of texts that may hold anything: whatever is put into a template is escaped, unless it is HTML itself. */
import { visibleText } from '../visible-text.ts'

export interface Html {
  readonly html: string
}

export type HtmlPart = string | number | undefined | Html | readonly HtmlPart[]

/** A tagged template: html`<b>${name}</b>`. Attributes must stand in double quotes. */
export function html(texts: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return {
    html: texts.map((text, index) => (index === 0 ? text : `${write(parts[index - 1])}${text}`)).join(''),
  }
}

/** Words between backticks as code, as the sentences of codes have them. */
export function withCode(text: string): Html {
  const parts = text
    .split('`')
    .map((part, index) => (index % 2 === 0 ? html`${part}` : html`<code>${part}</code>`))
  return html`${parts}`
}

/** With places where a browser may break a long path. */
export function withBreaks(path: string): Html {
  const [first = '', ...rest] = path.split(/(?=[.[{/])/)
  return html`${first}${rest.map((part) => html`<wbr>${part}`)}`
}

function write(part: HtmlPart): string {
  if (part === undefined) return ''
  if (typeof part === 'string' || typeof part === 'number') return escapeHtml(String(part))
  return isHtml(part) ? part.html : part.map(write).join('')
}

function isHtml(part: Html | readonly HtmlPart[]): part is Html {
  return !Array.isArray(part)
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
])

/** For text and for attributes in quotes. What no reader would see, or what turns the direction of a line, is written as an escape. */
export function escapeHtml(text: string): string {
  return visibleText(text).replace(/[&<>"']/g, (found) => ESCAPES.get(found) ?? '')
}
