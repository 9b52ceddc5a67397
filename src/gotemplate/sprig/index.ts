/** The table of sprig 3.3's text functions for Istio's templates (some are replaced by Istio's own). */
import type { FunctionTable } from '../functions.ts'
import { baseEncodings } from './base-encoding.ts'
import { dates } from './dates.ts'
import { defaults } from './defaults.ts'
import { dicts } from './dicts.ts'
import { digests } from './digests.ts'
import { json } from './json.ts'
import { lists } from './lists.ts'
import { math } from './math.ts'
import { paths } from './paths.ts'
import { random } from './random.ts'
import { refused } from './refused.ts'
import { regexFunctions } from './regex.ts'
import { semver } from './semver.ts'
import { semverConstraints } from './semver-constraints.ts'
import { sequences } from './sequences.ts'
import { strings } from './strings.ts'
import { urls } from './urls.ts'

const CONSTANT_FUNCTIONS: FunctionTable = {
  ...strings,
  ...lists,
  ...sequences,
  ...dicts,
  ...defaults,
  ...json,
  ...math,
  ...baseEncodings,
  ...digests,
  ...urls,
  ...semver,
  ...semverConstraints,
  ...dates,
  ...paths,
  ...random,
  ...refused,
}

/** Without `env` and `expandenv`, which Istio removes. The templates that use one table share its cache of patterns. */
export function sprigFunctions(): FunctionTable {
  return { ...CONSTANT_FUNCTIONS, ...regexFunctions() }
}
