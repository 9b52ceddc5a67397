/** A float's text as Go's strconv.FormatFloat(value, 'g', -1, bits) writes it: `1e+06`, `1.5`, `1e-05`. */

/** In single precision, which sigs.k8s.io/yaml uses for float keys and for floats converted to strings. */
export function formatFloat32(value: number): string {
  const single = Math.fround(value)
  if (Number.isNaN(single)) return 'NaN'
  if (!Number.isFinite(single)) return single > 0 ? '+Inf' : '-Inf'
  if (single === 0) return Object.is(single, -0) ? '-0' : '0'
  for (let precision = 1; precision <= 9; precision++) {
    const text = single.toExponential(precision - 1)
    if (Math.fround(Number(text)) === single) return fromExponential(text)
  }
  return fromExponential(single.toExponential(8))
}

/** In double precision, as go-yaml v2 writes a float. */
export function formatFloat64(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  return fromExponential(value.toExponential())
}

/** From the form `-1.25e+7`: Go's 'g' uses an exponent below -4 and above 5. */
function fromExponential(text: string): string {
  const [mantissa = '', exponentText = '0'] = text.split('e')
  const exponent = Number(exponentText)
  if (exponent < -4 || exponent > 5) {
    const size = Math.abs(exponent)
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${size < 10 ? '0' : ''}${size}`
  }
  const sign = mantissa.startsWith('-') ? '-' : ''
  const digits = mantissa.replace(/[-.]/g, '')
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  if (digits.length <= exponent + 1) return sign + digits.padEnd(exponent + 1, '0')
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`
}
