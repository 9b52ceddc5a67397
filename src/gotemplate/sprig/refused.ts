/** sprig's functions that are not supported, and why. */
import type { FunctionSpec, FunctionTable } from '../functions.ts'
import { anyType, stringType } from '../types.ts'

const KEYS =
  'it generates keys or certificates, which must not come from a template that is rendered for each pod'
const SALT = 'it needs secret randomness, which a replay of the same request could not reproduce'

const REASONS: Readonly<Record<string, string>> = {
  getHostByName: 'it uses the network, on which injection must not depend',
  genPrivateKey: KEYS,
  genCA: KEYS,
  genCAWithKey: KEYS,
  genSelfSignedCert: KEYS,
  genSelfSignedCertWithKey: KEYS,
  genSignedCert: KEYS,
  genSignedCertWithKey: KEYS,
  buildCustomCert: KEYS,
  bcrypt: SALT,
  htpasswd: SALT,
  encryptAES: SALT,
  decryptAES: 'it handles secrets, which do not belong in a template',
  derivePassword: 'it handles secrets, which do not belong in a template',
}

export const refused: FunctionTable = Object.fromEntries(
  Object.entries(REASONS).map(([name, reason]): [string, FunctionSpec] => [
    name,
    { params: [anyType], variadic: true, returns: stringType, refused: reason, call: () => '' },
  ]),
)
