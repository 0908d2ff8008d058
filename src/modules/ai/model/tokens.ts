const BYTES_PER_TOKEN = 3;

/** A careful estimate: English has four bytes to a token, Arabic and Hindi (two and three bytes a letter) three to six. */
export const estimateTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
