/**
 * Istio release numbers: reading, printing, comparing. What a version means for injection is in gates.ts; how a
 * revision's version is found out is in tell-version.ts.
 */
import { RemoraError } from '../errors.ts'

/** A release. A pre-release counts as its release (`1.31.0-dev` is 1.31.0), so only three numbers take part. */
export interface IstioVersion {
  readonly major: number
  readonly minor: number
  readonly patch: number
  /** As it was given, for people: `1.31.0-dev`, `1.24.2-distroless`. */
  readonly text: string
}

export class IstioVersionError extends RemoraError {}

/** The newest minor whose behaviour is known; a newer one is served as this one, with a warning. */
export const newestKnownVersion: IstioVersion = { major: 1, minor: 31, patch: 0, text: '1.31.0' }

/** The oldest one: before 1.9 the injector's configuration was one template of another form. */
const oldestKnownVersion: IstioVersion = { major: 1, minor: 9, patch: 0, text: '1.9.0' }

const pattern = /^v?(\d{1,5})\.(\d{1,5})(?:\.(\d{1,5}))?(?:[-+][0-9A-Za-z.+_-]*)?$/

/**
 * Reads `1.24.2`, `v1.24.2`, `1.24`, `1.31.0-dev`, `1.24.2-distroless`; undefined where it is not such a number
 * (`latest`, a commit). A missing patch level is the first release of that minor.
 */
export function parseIstioVersion(text: string): IstioVersion | undefined {
  const found = pattern.exec(text.trim())
  if (found === null) return undefined
  return {
    major: Number(found[1]),
    minor: Number(found[2]),
    patch: found[3] === undefined ? 0 : Number(found[3]),
    text: text.trim(),
  }
}

/** Negative where `a` is older, 0 where both are the same release. */
export function compareIstioVersions(a: IstioVersion, b: IstioVersion): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch
}

/** `1.24.2`: the release without what a pre-release or a variant adds. */
export function formatIstioVersion(version: IstioVersion): string {
  return `${version.major}.${version.minor}.${version.patch}`
}

export interface ServedVersion {
  /** What the gates are asked for. */
  readonly version: IstioVersion
  /** Set where the version is newer than every known one. */
  readonly warning?: string
}

/**
 * The version as which a stated one is served.
 * @throws IstioVersionError `istio-version-too-old` for 1.8 and older: their injector configuration is of another form.
 */
export function serveIstioVersion(stated: IstioVersion): ServedVersion {
  if (stated.major < 1 || (stated.major === 1 && stated.minor < oldestKnownVersion.minor)) {
    throw new IstioVersionError(
      'istio-version-too-old',
      `Istio ${stated.text} keeps its injection template in another form than 1.9 and later; upgrade that control plane to 1.9 or newer`,
    )
  }
  if (stated.major > 1 || stated.minor > newestKnownVersion.minor) {
    return {
      version: { ...newestKnownVersion, text: stated.text },
      warning: `Istio ${stated.text} is newer than this build knows; it is served as ${newestKnownVersion.major}.${newestKnownVersion.minor}`,
    }
  }
  return { version: stated }
}
