/**
 * Parses, prints and compares Istio release numbers. The effects of a version on injection are in gates.ts, its
 * detection in detect-version.ts.
 */
import { RemoraError } from '../errors.ts'

/** A release. A pre-release counts as its release (`1.31.0-dev` is 1.31.0), so only three numbers matter. */
export interface IstioVersion {
  readonly major: number
  readonly minor: number
  readonly patch: number
  /** As given, for messages: `1.31.0-dev`, `1.24.2-distroless`. */
  readonly text: string
}

export class IstioVersionError extends RemoraError {}

/** The newest minor with known behaviour; a newer one is treated as this one, with a warning. */
export const newestKnownVersion: IstioVersion = { major: 1, minor: 31, patch: 0, text: '1.31.0' }

/** The oldest one: before 1.9 the injector's configuration had one template in another format. */
const oldestKnownVersion: IstioVersion = { major: 1, minor: 9, patch: 0, text: '1.9.0' }

const pattern = /^v?(\d{1,5})\.(\d{1,5})(?:\.(\d{1,5}))?(?:[-+][0-9A-Za-z.+_-]*)?$/

/**
 * Parses `1.24.2`, `v1.24.2`, `1.24`, `1.31.0-dev`, `1.24.2-distroless`; undefined for anything else (`latest`, a
 * commit). A missing patch level means the first release of that minor.
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

/** Negative if `a` is older, 0 if both are the same release. */
export function compareIstioVersions(a: IstioVersion, b: IstioVersion): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch
}

/** `1.24.2`: the release without the suffix of a pre-release or variant. */
export function formatIstioVersion(version: IstioVersion): string {
  return `${version.major}.${version.minor}.${version.patch}`
}

export interface ServedVersion {
  /** The version for the gates. */
  readonly version: IstioVersion
  /** Set if the version is newer than every known one. */
  readonly warning?: string
}

/**
 * The version that a stated one is treated as.
 * @throws IstioVersionError `istio-version-too-old` for 1.8 and older, whose injector configuration has another format
 */
export function serveIstioVersion(stated: IstioVersion): ServedVersion {
  if (stated.major < 1 || (stated.major === 1 && stated.minor < oldestKnownVersion.minor)) {
    throw new IstioVersionError(
      'istio-version-too-old',
      `Istio ${stated.text} has a different injection template format from 1.9 and later; upgrade that control plane to 1.9 or newer`,
    )
  }
  if (stated.major > 1 || stated.minor > newestKnownVersion.minor) {
    return {
      version: { ...newestKnownVersion, text: stated.text },
      warning: `Istio ${stated.text} is newer than the versions that this build knows; it is treated as ${newestKnownVersion.major}.${newestKnownVersion.minor}`,
    }
  }
  return { version: stated }
}
