/**
 * Owns: an answer that is kept for other reviews of the same workload: its text without the review's UID and, where the
 * patch repeats the token volume's name, without that name's random end. Not here: when it holds.
 */
import type { Outcome } from '../inject/index.ts'
import type { Answer } from './answer.ts'
import { encodePatch } from './encode-review.ts'
import { type ReviewSlots, TOKEN_VOLUME } from './review-slots.ts'

export interface AnswerForm {
  readonly status: number
  /** Up to the UID. */
  readonly before: string
  /** What follows the UID: up to the patch's base64 text where `patch` is there, else all of it. */
  readonly after: string
  /** The patch as JSON text, where it has the suffix in it. */
  readonly patch?: { readonly json: string; readonly suffix: string }
}

const UID_KEY = '"response":{"uid":"'
const PATCH_KEY = '"patch":"'
const END = '"}}'

/** @returns undefined where the answer does not have the form that another one could be made of */
export function formOf(
  answer: Answer,
  outcome: Outcome,
  { uid, suffix }: ReviewSlots,
): AnswerForm | undefined {
  const { status, body } = answer
  const at = body.indexOf(UID_KEY) + UID_KEY.length
  if (at < UID_KEY.length || !body.startsWith(`${uid}"`, at)) return undefined
  const [before, after] = [body.slice(0, at), body.slice(at + uid.length)]
  const json = outcome.kind === 'patched' ? encodePatch(outcome.patch) : ''
  if (!json.includes(TOKEN_VOLUME)) return { status, before, after }
  // A name of that kind that is not the pod's own could meet another pod's: nothing is known of such a merge.
  const named = json.split(TOKEN_VOLUME).slice(1)
  // Quotes of a text within a text (the annotation proxy.istio.io/overrides) have backslashes before them.
  const own = (text: string): boolean => text.startsWith(suffix) && /^\\*"/.test(text.slice(suffix.length))
  if (suffix === '' || !named.every(own)) return undefined
  const encoded = encodeBase64(json)
  if (!after.endsWith(PATCH_KEY + encoded + END)) return undefined
  return { status, before, after: after.slice(0, -(encoded.length + END.length)), patch: { json, suffix } }
}

/** The answer to the review that had this in its places. */
export function fillForm({ status, before, after, patch }: AnswerForm, { uid, suffix }: ReviewSlots): Answer {
  if (patch === undefined) return { status, body: before + uid + after }
  const json = patch.json.replaceAll(TOKEN_VOLUME + patch.suffix, TOKEN_VOLUME + suffix)
  return { status, body: before + uid + after + encodeBase64(json) + END }
}

function encodeBase64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}
