import { computed } from '@preact/signals';
import { outdated, preparation } from './data.ts';
import { plan } from './model.ts';
import { seed, settings } from './training.ts';

/** Whether all fields of the training hold numbers. */
export const settingsAreNumbers = computed(() => {
  const { epochs, batchSize, learningRate, patience } = settings.value;
  return ![epochs, batchSize, learningRate, patience, seed.value].includes(Number.NaN);
});

/** Whether all that training needs is there. */
export const isReady = computed(
  () => !outdated.value && preparation.value?.prepared != null && plan.value?.parameters != null && settingsAreNumbers.value,
);
