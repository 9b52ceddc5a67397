/** Describes error codes of the operating system and of TLS in plain words. The message keeps the code. */

const WORDS: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EADDRINUSE', 'the address is in use by another process'],
  ['EADDRNOTAVAIL', 'the address does not belong to this machine'],
  ['EAI_AGAIN', 'the name server does not respond'],
  ['EBUSY', 'it is in use'],
  ['ECONNREFUSED', 'nothing listens there'],
  ['ECONNRESET', 'the other side closed the connection'],
  ['EEXIST', 'it already exists'],
  ['EHOSTUNREACH', 'there is no route to the host'],
  ['EIO', 'the device failed'],
  ['EISDIR', 'this is a folder; expected a file'],
  ['ELOOP', 'its symbolic links form a loop'],
  ['EMFILE', 'this process has too many open files'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['ENETUNREACH', 'there is no route to the network'],
  ['ENFILE', 'the system has too many open files'],
  ['ENOENT', 'there is no such file or folder'],
  ['ENOSPC', 'the disk is full'],
  ['ENOTDIR', 'a part of the path is a file; expected a folder'],
  ['ENOTEMPTY', 'the folder is not empty'],
  ['ENOTFOUND', 'the name server does not know the host'],
  ['EPERM', 'the operation is not permitted'],
  ['EPIPE', 'the other side closed the connection'],
  ['EROFS', 'the file system is read-only'],
  ['ETIMEDOUT', 'the other side does not respond'],
  ['CERT_HAS_EXPIRED', 'its certificate has expired'],
  ['CERT_NOT_YET_VALID', 'its certificate is not valid yet'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its certificate is self-signed and is not in the CA file'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for other names'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'its certificate is signed by a CA other than the given one'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'its certificate is signed by a CA other than the given one'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'its certificate is signed by a CA other than the given one'],
])

/** `there is no such file or folder (ENOENT)`; the message of an error without a known code. */
export function describeSystemError(error: unknown): string {
  // A failed connection to several addresses has no message of its own.
  if (error instanceof AggregateError && error.message === '')
    return error.errors.map(describeSystemError).join('; ')
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const words = WORDS.get(code)
  return words === undefined ? error.message : `${placeOf(error)}${words} (${code})`
}

/** The address of a connection. Files are named by the caller. */
function placeOf(error: Error): string {
  if ('hostname' in error && typeof error.hostname === 'string') return `${error.hostname}: `
  if (!('address' in error && typeof error.address === 'string')) return ''
  const { address } = error
  const port = 'port' in error && typeof error.port === 'number' ? `:${error.port}` : ''
  return `${port !== '' && address.includes(':') ? `[${address}]` : address}${port}: `
}
