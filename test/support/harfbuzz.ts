import * as fontkit from 'fontkit';
import * as hb from 'harfbuzzjs';
import { readFont, type Script } from '../../src/core/pdf/fonts.js';

/** The widths of the glyphs that HarfBuzz chooses for a text, from left to right. */
export function shape(text: string, script: Script): number[] {
  const font = new hb.Font(new hb.Face(new hb.Blob(readFont(script, 'regular'))));
  const buffer = new hb.Buffer();
  buffer.addText(text);
  buffer.guessSegmentProperties();
  hb.shape(font, buffer);
  // Without kerning, as a PDF file declares them.
  const glyphs = fontkit.create(readFont(script, 'regular')) as fontkit.Font;
  return buffer.getGlyphInfos().map(({ codepoint }) => glyphs.getGlyph(codepoint, []).advanceWidth);
}
