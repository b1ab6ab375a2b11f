/**
 * Tables as CSV text, by RFC 4180: lines end in CR LF; fields with commas, quotes or line ends are in double
 * quotes, and quotes in them are doubled.
 */

/** One line for each row, with CR LF at the end of each. */
export function encodeCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(quoted).join(",")}\r\n`).join("");
}

function quoted(field: string): string {
  // Blanks at the ends are part of a field, but some readers remove them where there are no quotes.
  const needsQuotes = /[",\r\n]|^\s|\s$/.test(field);
  return needsQuotes ? `"${field.replaceAll('"', '""')}"` : field;
}

/** A plain number, which means the same as a formula. */
const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;

/**
 * Whether a spreadsheet would take a field for a formula, and perhaps run it: it begins with =, +, - or @, or
 * with a control character that is removed before one of these. Quotes do not prevent that.
 *
 * Source: OWASP, "CSV Injection".
 */
export function looksLikeFormula(field: string): boolean {
  return /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/.test(field) && !NUMBER.test(field);
}
