/**
 * Owns: which places of a review's text differ between the pods of one workload and say nothing that decides: the
 * request's UID, the random end of the token volume's name and the times of managedFields. Works on text that was not
 * parsed. Not here: whether an answer may be given again (src/server/remembered-answers.ts).
 */

/** How the ServiceAccount admission plugin names the volume of a pod's token, five random characters after it. */
export const TOKEN_VOLUME = 'kube-api-access-'
const SUFFIX_LENGTH = 5
const TIME_KEY = '"time":"'
const TIME_LENGTH = '2026-01-02T03:04:05Z'.length

/** What stood in the places. */
export interface ReviewSlots {
  readonly uid: string
  /** Of the token volume's name; empty where there is none, or where it stays in the text. */
  readonly suffix: string
}

export interface CutReview extends ReviewSlots {
  /** All but what stood in the places, and which places were cut: equal for two texts that differ there only. */
  readonly rest: string
  /** Where the suffix and the times began, in the order of the text. */
  readonly suffixesAt: readonly number[]
  readonly timesAt: readonly number[]
  readonly uidAt: number
}

/** As an API server begins a request; spaces as other writers of JSON have them. */
const REQUEST = '"request"'
const UID = /"request": ?\{"uid": ?"([0-9A-Za-z-]{1,64})"/y
const NONE: readonly number[] = []

/**
 * @param text the body, one character a byte (latin1) or as UTF-8 says
 * @returns undefined where the request's UID does not stand where an API server writes it
 */
export function cutReview(text: string): CutReview | undefined {
  const request = text.indexOf(REQUEST)
  if (request < 0) return undefined
  UID.lastIndex = request
  const uid = UID.exec(text)?.[1]
  if (uid === undefined) return undefined
  const afterUid = UID.lastIndex - 1
  const firstSuffix = text.indexOf(TOKEN_VOLUME, afterUid)
  const suffixesAt = firstSuffix < 0 ? NONE : findSuffixes(text, firstSuffix + TOKEN_VOLUME.length)
  const timesAt = findTimes(text, afterUid, firstSuffix < 0 ? text.length : firstSuffix)

  const uidAt = afterUid - uid.length
  // Either all of a kind are cut or none is: so what was cut can be told from the rest and these two signs.
  let rest = `${timesAt.length > 0 ? 't' : '-'}${suffixesAt.length > 0 ? 's' : '-'}${text.slice(0, uidAt)}`
  let from = afterUid
  for (const at of timesAt) {
    rest += text.slice(from, at)
    from = at + TIME_LENGTH
  }
  for (const at of suffixesAt) {
    rest += text.slice(from, at)
    from = at + SUFFIX_LENGTH
  }
  rest += text.slice(from)
  const [suffixAt] = suffixesAt
  const suffix = suffixAt === undefined ? '' : text.slice(suffixAt, suffixAt + SUFFIX_LENGTH)
  return { uid, suffix, rest, suffixesAt, timesAt, uidAt }
}

/** The same text with something else in its places: another review of the same workload. */
export function refillReview(
  text: string,
  cut: CutReview,
  other: ReviewSlots & { readonly time: string },
): string {
  let filled = text.slice(0, cut.uidAt) + other.uid
  let from = cut.uidAt + cut.uid.length
  for (const at of cut.timesAt) {
    filled += text.slice(from, at) + other.time
    from = at + TIME_LENGTH
  }
  for (const at of cut.suffixesAt) {
    filled += text.slice(from, at) + other.suffix
    from = at + SUFFIX_LENGTH
  }
  return filled + text.slice(from)
}

/** All that follow the name's beginning, if they are one and the same and end the name. */
function findSuffixes(text: string, first: number): readonly number[] {
  const suffix = text.slice(first, first + SUFFIX_LENGTH)
  if (!/^[a-z0-9]{5}$/.test(suffix)) return NONE
  const found: number[] = []
  for (let at = first; at >= TOKEN_VOLUME.length; at = text.indexOf(TOKEN_VOLUME, at) + TOKEN_VOLUME.length) {
    if (!text.startsWith(suffix, at) || text[at + SUFFIX_LENGTH] !== '"') return NONE
    found.push(at)
  }
  return found
}

/** Those of managedFields, which API servers write before the spec; none where one of them is no time. */
function findTimes(text: string, from: number, end: number): readonly number[] {
  const managed = text.indexOf('"managedFields":[', from)
  if (managed < 0 || managed >= end) return NONE
  const found: number[] = []
  for (let at = text.indexOf(TIME_KEY, managed); at >= 0 && at < end; at = text.indexOf(TIME_KEY, at)) {
    at += TIME_KEY.length
    if (text[at + TIME_LENGTH] !== '"' || !isTime(text.slice(at, at + TIME_LENGTH))) return NONE
    found.push(at)
  }
  return found
}

/** In the one form that an API server writes, so that whatever is let through here decodes. */
function isTime(text: string): boolean {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/.test(text)) return false
  const time = Date.parse(text)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text.slice(0, -1))
}
