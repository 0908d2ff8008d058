import eslint from '@eslint/js';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

const PLAIN_MODULES = [
  { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: 'Inject the Clock.' },
  {
    selector: 'CallExpression[callee.object.name="Date"][callee.property.name="now"]',
    message: 'Inject the Clock.',
  },
  {
    selector:
      'Identifier[name=/^(Http|BadRequest|NotFound|Conflict|Forbidden|Unauthorized|InternalServerError)Exception$/]',
    message: 'Throw a DomainError.',
  },
  { selector: 'Identifier[name="forwardRef"]', message: 'The module graph runs one way.' },
];

const FEW_DEPENDENCIES = {
  selector: 'MethodDefinition[kind="constructor"] > FunctionExpression[params.length>5]',
  message: 'At most five dependencies. Move a part of the work, with its dependencies, to a class of its own.',
};

export default tseslint.config(
  { ignores: ['dist', 'node_modules', '.data', 'coverage', 'test/fixtures/client', '*.js', '**/*.cjs'] },
  eslint.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'off',
      '@typescript-eslint/require-await': 'off',
      'no-control-regex': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/core/config/**', 'src/**/*.spec.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only core/config reads the environment.' },
      ],
      'no-console': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/**/*.spec.ts'],
    rules: { 'no-restricted-syntax': ['error', FEW_DEPENDENCIES] },
  },
  {
    files: ['src/modules/**/*.ts'],
    ignores: ['src/**/*.spec.ts'],
    rules: { 'no-restricted-syntax': ['error', FEW_DEPENDENCIES, ...PLAIN_MODULES] },
  },
  {
    // A controller has a service for each group of its routes, and no logic.
    files: ['src/modules/**/*.controller.ts'],
    rules: { 'no-restricted-syntax': ['error', ...PLAIN_MODULES] },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts', 'tools/**/*.ts', '**/*.spec.ts'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
    },
  },
  prettier,
);
