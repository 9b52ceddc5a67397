/** Go's strconv.FormatFloat: verbs b e E f g G x X, shortest (precision -1) or exact to a precision. */

/** Decimal digits without leading or trailing zeros, and the position of the point among them. */
interface Decimal {
  digits: string
  point: number
}

/** `bits`: 32 for a float32, whose shortest form differs. */
export function formatFloat(value: number, verb: string, precision: number, bits: 32 | 64 = 64): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const absolute = Math.abs(value)
  if (verb === 'b') return sign + formatBinary(absolute, bits)
  if (verb === 'x' || verb === 'X') {
    const text = formatHex(absolute, precision)
    return sign + (verb === 'X' ? text.toUpperCase() : text)
  }
  const shortest = precision < 0
  const decimal = shortest ? shortestDecimal(absolute, bits) : exactDecimal(absolute)
  return sign + formatDecimal(decimal, verb, precision, shortest)
}

function formatDecimal(decimal: Decimal, verb: string, precision: number, shortest: boolean): string {
  switch (verb) {
    case 'e':
    case 'E': {
      const places = shortest ? Math.max(decimal.digits.length - 1, 0) : precision
      return exponentForm(round(decimal, places + 1), verb, places)
    }
    case 'f': {
      const places = shortest ? Math.max(decimal.digits.length - decimal.point, 0) : precision
      return fixedForm(round(decimal, decimal.point + places), places)
    }
    default:
      return generalForm(decimal, verb === 'G' ? 'E' : 'e', precision, shortest)
  }
}

function generalForm(exact: Decimal, verb: string, precision: number, shortest: boolean): string {
  let wanted = precision
  if (shortest) wanted = 6
  else if (precision === 0) wanted = 1
  const decimal = shortest ? exact : round(exact, wanted)
  const count = decimal.digits.length
  let threshold = wanted
  if (!shortest && threshold > count && count >= decimal.point) threshold = count
  const exponent = decimal.point - 1
  if (exponent < -4 || exponent >= threshold) {
    const places = shortest ? count : Math.min(wanted, count)
    return exponentForm(decimal, verb, Math.max(places - 1, 0))
  }
  return fixedForm(decimal, Math.max(count - decimal.point, 0))
}

function exponentForm(decimal: Decimal, verb: string, places: number): string {
  const { digits, point } = decimal
  const exponent = digits === '' ? 0 : point - 1
  const fraction = places > 0 ? `.${digits.slice(1).padEnd(places, '0').slice(0, places)}` : ''
  const size = String(Math.abs(exponent)).padStart(2, '0')
  return `${digits[0] ?? '0'}${fraction}${verb}${exponent < 0 ? '-' : '+'}${size}`
}

function fixedForm(decimal: Decimal, places: number): string {
  const { digits, point } = decimal
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0'
  if (places <= 0) return whole
  const fraction = point >= 0 ? digits.slice(point) : '0'.repeat(Math.min(-point, places)) + digits
  return `${whole}.${fraction.slice(0, places).padEnd(places, '0')}`
}

/** Rounds to that many digits, half to even. */
function round(decimal: Decimal, count: number): Decimal {
  const { digits, point } = decimal
  if (count >= digits.length) return decimal
  if (count < 0) return { digits: '', point: 0 }
  const kept = digits.slice(0, count)
  const rest = digits.slice(count)
  const next = rest.charCodeAt(0) - 48
  const half = next === 5 && /^50*$/.test(rest)
  const odd = count > 0 && (kept.charCodeAt(count - 1) - 48) % 2 === 1
  const up = half ? odd : next >= 5
  if (!up) return trim(kept, point)
  const raised = String(BigInt(`0${kept}`) + 1n).padStart(count, '0')
  return trim(raised, raised.length > count ? point + 1 : point)
}

function trim(digits: string, point: number): Decimal {
  const trimmed = digits.replace(/0+$/, '')
  return trimmed === '' ? { digits: '', point: 0 } : { digits: trimmed, point }
}

function shortestDecimal(value: number, bits: 32 | 64): Decimal {
  if (value === 0) return { digits: '', point: 0 }
  let text = value.toExponential()
  if (bits === 32) {
    for (let digits = 0; digits < 9; digits++) {
      text = value.toExponential(digits)
      if (Math.fround(Number(text)) === value) break
    }
  }
  const [mantissa = '', exponent = '0'] = text.split('e')
  return trim(mantissa.replace('.', ''), Number(exponent) + 1)
}

/** value = mantissa * 2^exponent, exactly. */
function decompose(value: number): { mantissa: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const raw = view.getBigUint64(0)
  const biased = Number((raw >> 52n) & 0x7ffn)
  const fraction = raw & ((1n << 52n) - 1n)
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: biased - 1075 }
}

function exactDecimal(value: number): Decimal {
  const { mantissa, exponent } = decompose(value)
  if (mantissa === 0n) return { digits: '', point: 0 }
  if (exponent >= 0) {
    const whole = String(mantissa << BigInt(exponent))
    return trim(whole, whole.length)
  }
  const scaled = String(mantissa * 5n ** BigInt(-exponent))
  return trim(scaled, scaled.length + exponent)
}

/** `4503599627370496p-52`. */
function formatBinary(value: number, bits: 32 | 64): string {
  let { mantissa, exponent } = decompose(value)
  if (bits === 32 && mantissa !== 0n) {
    mantissa >>= 29n
    exponent += 29
    for (; exponent < -149; exponent++) mantissa >>= 1n
  } else if (bits === 32) {
    exponent = -149
  }
  return `${mantissa}p${exponent < 0 ? '' : '+'}${exponent}`
}

/** `0x1.8p+01`. */
function formatHex(value: number, precision: number): string {
  let { mantissa, exponent } = decompose(value)
  if (mantissa === 0n) exponent = 0
  else {
    while (mantissa >> 52n === 0n) {
      mantissa <<= 1n
      exponent--
    }
    exponent += 52
  }
  if (precision >= 0 && precision < 13) {
    const shift = BigInt(4 * (13 - precision))
    const rest = mantissa & ((1n << shift) - 1n)
    const half = 1n << (shift - 1n)
    mantissa >>= shift
    if (rest > half || (rest === half && (mantissa & 1n) === 1n)) mantissa++
    mantissa <<= shift
    if (mantissa >> 53n !== 0n) {
      mantissa >>= 1n
      exponent++
    }
  }
  const fraction = (mantissa & ((1n << 52n) - 1n)).toString(16).padStart(13, '0')
  const shown =
    precision < 0 ? fraction.replace(/0+$/, '') : fraction.padEnd(precision, '0').slice(0, precision)
  const size = String(Math.abs(exponent)).padStart(2, '0')
  return `0x${mantissa >> 52n}${shown === '' ? '' : `.${shown}`}p${exponent < 0 ? '-' : '+'}${size}`
}
