/**
 * Owns: that no message holds more than a short quote of the pod that it is about, whoever made the message: a template
 * that fails with an annotation, a parser, a function. What is known to be quoted is cut where it is quoted (quoteText).
 */
import { isObject, type JsonObject, type JsonValue } from '../json/index.ts'
import { LONGEST_QUOTE } from '../visible-text.ts'
import type { Outcome } from './outcome.ts'

/** The outcome with messages in which each longer run of the pod's text is cut. */
export function cutPodText(outcome: Outcome, pod: JsonValue): Outcome {
  const spoken = outcome.kind === 'refused' || outcome.kind === 'fault' ? [outcome.message] : []
  const long = [...spoken, ...outcome.notes.map(({ message }) => message)].some(isLong)
  if (!long) return outcome
  const texts = longTexts(pod)
  if (texts.length === 0) return outcome
  const cut = (message: string): string => (isLong(message) ? cutRuns(message, texts) : message)
  const notes = outcome.notes.map((note) => ({ ...note, message: cut(note.message) }))
  if (outcome.kind !== 'refused' && outcome.kind !== 'fault') return { ...outcome, notes }
  return { ...outcome, message: cut(outcome.message), notes }
}

function isLong(message: string): boolean {
  return message.length > LONGEST_QUOTE
}

/** Keys and values that alone are longer than a quote, each as it stands and as JSON writes it. */
function longTexts(value: JsonValue, found: string[] = []): readonly string[] {
  if (typeof value === 'string') add(value, found)
  else if (Array.isArray(value)) for (const item of value) longTexts(item, found)
  else if (isObject(value)) addFields(value, found)
  return found
}

function addFields(object: JsonObject, found: string[]): void {
  for (const [key, item] of Object.entries(object)) {
    add(key, found)
    longTexts(item, found)
  }
}

function add(text: string, found: string[]): void {
  if (!isLong(text)) return
  found.push(text)
  const written = JSON.stringify(text).slice(1, -1)
  if (written !== text) found.push(written)
}

/** Every run that is too long holds one of these blocks whole, which are few where every place would be many. */
const BLOCK = LONGEST_QUOTE / 2
/** Longer messages are answered shorter (admission/answer.ts), and logged as they are answered. */
const LONGEST_MESSAGE = 4096

function cutRuns(whole: string, texts: readonly string[]): string {
  let message =
    whole.length > LONGEST_MESSAGE ? `${whole.slice(0, LONGEST_MESSAGE).toWellFormed()}...` : whole
  for (let at = 0; at + BLOCK <= message.length; ) {
    const run = runAt(message, at, texts)
    if (run === undefined) at += BLOCK
    else {
      const kept = message.slice(run.from, run.from + LONGEST_QUOTE - 3).toWellFormed()
      message = `${message.slice(0, run.from)}${kept}...${message.slice(run.to)}`
      at = run.from + LONGEST_QUOTE
    }
  }
  return message
}

/** The longest stretch around a block that one of the texts holds, where it is longer than a quote. */
function runAt(
  message: string,
  at: number,
  texts: readonly string[],
): { readonly from: number; readonly to: number } | undefined {
  const block = message.slice(at, at + BLOCK)
  let best: { from: number; to: number } | undefined
  for (const text of texts) {
    const found = text.indexOf(block)
    if (found < 0) continue
    let before = 0
    while (at - before > 0 && found - before > 0 && message[at - before - 1] === text[found - before - 1])
      before++
    let end = BLOCK
    while (at + end < message.length && message[at + end] === text[found + end] && found + end < text.length)
      end++
    if (before + end > LONGEST_QUOTE && before + end > (best === undefined ? 0 : best.to - best.from))
      best = { from: at - before, to: at + end }
  }
  return best
}
