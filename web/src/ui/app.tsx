import { DataSection } from './dataSection.tsx';
import { ModelSection } from './modelSection.tsx';
import { TaskSection } from './taskSection.tsx';
import { TrainSection } from './trainSection.tsx';
import { TrySection } from './trySection.tsx';

export function App() {
  return (
    <>
      <header>
        <h1>Train a recurrent network</h1>
        <p>Choose data, press Train, and try what it learnt. Everything happens in this browser: your data never leaves it.</p>
      </header>
      <main>
        <DataSection />
        <TaskSection />
        <ModelSection />
        <TrainSection />
        <TrySection />
      </main>
      <footer>
        <p>Made with Backtime: recurrent networks in the browser and in Node.</p>
      </footer>
    </>
  );
}
