/**
 * Finds the completions of a command line that is being typed. All shells use it (`remora __complete`), so that they
 * offer the same completions.
 */
import type { Option } from '../config/index.ts'
import type { Command, NameKind, Offer } from './command.ts'

export interface Completion {
  readonly candidates: readonly Candidate[]
  /** Offered in addition. */
  readonly paths?: 'files' | 'folders'
  /** Names of the cluster, to be asked for; each is offered behind the prefix. */
  readonly names?: { readonly kind: NameKind; readonly prefix: string }
}

export interface Candidate {
  /** The whole word, with `--option=` before a value that is typed like that. */
  readonly word: string
  readonly description?: string
}

const NOTHING: Completion = { candidates: [] }

/** @param words those after `remora`; the last one is being typed and may be empty */
export function completeLine(words: readonly string[], commands: readonly Command[]): Completion {
  const [name = '', ...rest] = words
  if (rest.length === 0) {
    const candidates = commands.map(({ name: word, summary }) => ({ word, description: summary }))
    return { candidates: startingWith(name, candidates) }
  }
  const command = commands.find((candidate) => candidate.name === name)
  return command === undefined ? NOTHING : completeArguments(rest, command)
}

function completeArguments(words: readonly string[], command: Command): Completion {
  const current = words.at(-1) ?? ''
  let place = 0
  let pending: Option<unknown> | undefined
  for (const word of words.slice(0, -1)) {
    if (pending !== undefined) pending = undefined
    else if (word.startsWith('-') && word !== '-')
      pending = word.includes('=') ? undefined : valuedOption(word, command)
    else place++
  }
  if (pending !== undefined) return completeOffer(current, '', offerOf(pending))
  const equals = current.startsWith('--') ? current.indexOf('=') : -1
  if (equals >= 0) {
    const option = valuedOption(current.slice(0, equals), command)
    const prefix = current.slice(0, equals + 1)
    return option === undefined ? NOTHING : completeOffer(current.slice(equals + 1), prefix, offerOf(option))
  }
  if (current.startsWith('-')) return { candidates: startingWith(current, flagsOf(command)) }
  const offers = command.words ?? []
  return completeOffer(current, '', offers[Math.min(place, offers.length - 1)])
}

function completeOffer(current: string, prefix: string, offer: Offer | undefined): Completion {
  if (offer === undefined) return NOTHING
  const { values, paths, names } = offer
  const candidates = startingWith(
    prefix + current,
    values.map((value) => ({ word: prefix + value })),
  )
  return {
    candidates,
    ...(paths === undefined ? {} : { paths }),
    ...(names === undefined ? {} : { names: { kind: names, prefix } }),
  }
}

function flagsOf({ options }: Command): readonly Candidate[] {
  return Object.entries(options)
    .filter(([, { hidden }]) => hidden !== true)
    .flatMap(([flag, { short, help }]) => [
      { word: `--${flag}`, description: help },
      ...(short === undefined ? [] : [{ word: `-${short}`, description: help }]),
    ])
}

/** undefined for an unknown option, and for one that takes no value. */
function valuedOption(typed: string, { options }: Command): Option<unknown> | undefined {
  const found = Object.entries(options).find(
    ([flag, { short }]) => typed === `--${flag}` || (short !== undefined && typed === `-${short}`),
  )
  return found?.[1].placeholder === '' ? undefined : found?.[1]
}

function startingWith(typed: string, candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.filter(({ word }) => word.startsWith(typed))
}

const NAMES: ReadonlyMap<string, NameKind> = new Map([
  ['REV', 'revisions'],
  ['NAMESPACE', 'namespaces'],
  ['CONTEXT', 'contexts'],
])

/** What the placeholder of an option says about its values. */
export function offerOf({ placeholder }: Option<unknown>): Offer {
  const parts = placeholder.split('|')
  const values = parts.filter((part) => /^(?:[a-z][a-z-]*|-)$/.test(part))
  const names = NAMES.get(placeholder)
  return {
    values,
    ...(parts.includes('DIR') ? { paths: 'folders' } : parts.includes('FILE') ? { paths: 'files' } : {}),
    ...(names === undefined ? {} : { names }),
  }
}
