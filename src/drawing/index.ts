/** Pictures as SVG text: functions of data, which need no font for plain letters. */
export { type ConfusionPicture, confusionPicture } from "./confusion-picture.ts";
export { fitLabel, labelText, labelWidth } from "./label-text.ts";
export { hasGlyphs, strokeText, type TextStyle, textWidth } from "./stroke-font.ts";
export { AXIS, escapeXml, GREY, GRID, INK, round, svgDocument } from "./svg.ts";
