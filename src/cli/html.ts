/** HTML templates that escape everything put into them, unless it is HTML itself. */
import { visibleText } from '../visible-text.ts'

export interface Html {
  readonly html: string
}

export type HtmlPart = string | number | undefined | Html | readonly HtmlPart[]

/** A tagged template: html`<b>${name}</b>`. Attribute values must be in double quotes. */
export function html(texts: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return {
    html: texts.map((text, index) => (index === 0 ? text : `${write(parts[index - 1])}${text}`)).join(''),
  }
}

/** Turns backticks into code elements. */
export function withCode(text: string): Html {
  const parts = text
    .split('`')
    .map((part, index) => (index % 2 === 0 ? html`${part}` : html`<code>${part}</code>`))
  return html`${parts}`
}

/** A long path with line break opportunities. */
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

/** For text and quoted attributes. Invisible characters and those that change the text direction are shown as escapes. */
export function escapeHtml(text: string): string {
  return visibleText(text).replace(/[&<>"']/g, (found) => ESCAPES.get(found) ?? '')
}
