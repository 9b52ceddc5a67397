/**
 * Finds the known name that an unknown one most likely meant. It is cheap for most names: those outside Istio's
 * domain and anything close to it are not compared at all.
 */
import { editDistance } from '../nearest-name.ts'

/** Letters left out, added, changed, or swapped with a neighbour. */
const MOST_EDITS = 2
/** A short name is close to too many real words: `rev`, `env`, `dev`. */
const SHORT = 5
const DOMAIN = 'istio.io'

/** The longest known name has 53 characters. */
const LONGEST = 53 + MOST_EDITS

/** Whether a name is in Istio's domain or one at most two letters away; also true for a few others. */
export function looksLikeIstio(name: string): boolean {
  return name.length <= LONGEST && (name.includes('istio') || isNearDomain(name))
}

function isNearDomain(name: string): boolean {
  const slash = name.indexOf('/')
  if (slash < 0) return Math.abs(name.length - 'istio-injection'.length) <= MOST_EDITS
  const dot = name.lastIndexOf('.', slash)
  if (dot <= 0) return false
  const begin = name.lastIndexOf('.', dot - 1) + 1
  // For most names this check decides.
  if (Math.abs(slash - begin - DOMAIN.length) > MOST_EDITS) return false
  const domain = name.slice(begin, slash).toLowerCase()
  return editDistance(domain, DOMAIN, MOST_EDITS) <= MOST_EDITS
}

/** The closest known name, the first of several; undefined if none is close. Case-insensitive. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const folded = name.toLowerCase()
  let nearest: string | undefined
  let least = MOST_EDITS + 1
  for (const candidate of known) {
    const most = Math.min(mostEdits(candidate), least - 1)
    if (Math.abs(candidate.length - name.length) > most) continue
    const distance = editDistance(folded, candidate.toLowerCase(), most)
    if (distance > most) continue
    nearest = candidate
    least = distance
  }
  return nearest
}

function mostEdits(name: string): number {
  return name.length - name.indexOf('/') - 1 < SHORT ? 1 : MOST_EDITS
}
