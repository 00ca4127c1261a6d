import { Dense, Sequential } from 'backtime';

// The bar comes from another package, which is loaded when it is used.
const model = new Sequential([new Dense(1)]);
model.compile({ loss: 'meanSquaredError' });
await model.fit([[1], [2]], [1, 2], { epochs: 1, verbose: 1 });
console.log('OK');
