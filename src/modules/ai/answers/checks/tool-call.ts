const PATTERNS = [
  // An answer needs no braces and no code.
  /[{}]/,
  /[<‹]\/?\|?\s*(?:tool|function|python|invoke|action|execute|assistant|system|im_)|[<‹]\w+=|[<‹]\/?[|｜]/i,
  /\[\/?(?:TOOL|FUNCTION|AVAILABLE)_?(?:CALLS?|RESULTS?|TOOLS)?\]/i,
  /^\s*(?:action|tool|function|thought|observation|tool_use)(?: input| call)?\s*:\s*\S/im,
  /```/,
  /\b[a-z]+(?:_[a-z]+|[A-Z][a-z]+)+\s*\(/,
  /\b[a-z]\w*\.\w+\(|\b[a-z]\w*\(\s*(?:["'[{]|\w+\s*[=:])|\b(?:print|eval|exec|require)\(/i,
  /\b(?:select\b.{1,60}\bfrom|insert into|update \w+ set|drop table|import (?:os|sys|subprocess)|curl -|(?:get|post|put|delete) \/)/i,
  /\bto=\w+|\w+_id\s*[:=]/i,
];

/** Whether a model's text contains code or the call of a tool, neither of which is for a patient. */
export const isToolCall = (text: string): boolean => PATTERNS.some((pattern) => pattern.test(text));
