/**
 * `--resume` may stand alone or be followed by `auto`. Commander would take whatever follows for its value,
 * such as the pictures in `afterimage pretrain --resume photos`: so it is given the value in one word,
 * `--resume=auto` or `--resume=`. Pictures in a folder called auto are written ./auto.
 */
export function resumeWords(words: readonly string[]): string[] {
  const end = words.includes("--") ? words.indexOf("--") : words.length;
  return words.flatMap((word, at) => {
    const isFlag = (place: number) => place < end && words[place] === FLAG;
    if (isFlag(at)) return [`${FLAG}=${at + 1 < end && words[at + 1] === "auto" ? "auto" : ""}`];
    return word === "auto" && isFlag(at - 1) ? [] : [word];
  });
}

const FLAG = "--resume";
