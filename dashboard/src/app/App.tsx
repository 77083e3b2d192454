export function App() {
  return <h1>Clinicwire</h1>;
}
