/**
 * `--resume` may have no value or the value `auto`. Commander would take any word that follows as its value,
 * such as the pictures in `afterimage pretrain --resume photos`. So commander gets the value in the same
 * word, `--resume=auto` or `--resume=`. For pictures in a folder called auto, write ./auto.
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
