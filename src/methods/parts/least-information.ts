/**
 * Nats below which a teacher's outputs count as the same for all pictures. At a temperature of 0.04, networks
 * that are untrained or learn slowly have 0.03 to 0.06. One without sharpening has 0.00007 after 1.6 epochs
 * of Fashion-MNIST.
 */
export const LEAST_INFORMATION = [{ metric: "teacher_information", least: 0.001 }] as const;
